namespace ActorGrid.Actors;

/// <summary>An ask had no reply within its timeout. Whether the message was handled is not known.</summary>
/// <param name="lastKnownAt">Where the message was last known to be.</param>
/// <param name="timeout">How long the ask waited.</param>
public sealed class AskTimeoutException(string lastKnownAt, TimeSpan timeout)
    : TimeoutException($"There was no reply within {timeout}. Where the message was last known to be: {lastKnownAt}.")
{
    /// <summary>Where the message was last known to be: the path of the actor in whose mailbox or handler it was; or the address of an entity, and how far it had come on its way there.</summary>
    public string LastKnownAt { get; } = lastKnownAt;

    /// <summary>How long the ask waited.</summary>
    public TimeSpan Timeout { get; } = timeout;
}

/// <summary>The actor that was asked failed while it handled the message.</summary>
/// <param name="path">The actor.</param>
/// <param name="cause">What its handler threw.</param>
public sealed class ActorFailedException(string path, Exception cause)
    : Exception($"Actor {path} failed while it handled the message: {cause.Message}", cause)
{
    /// <summary>The actor that failed.</summary>
    public string Path { get; } = path;
}

/// <summary>The actor that was asked has stopped; the message was not handled.</summary>
/// <param name="path">The actor.</param>
public sealed class ActorStoppedException(string path) : Exception($"Actor {path} has stopped; the message was not handled.")
{
    /// <summary>The actor that has stopped.</summary>
    public string Path { get; } = path;
}

/// <summary>An actor waited for the reply of another that was itself waiting, directly or by others, for a reply of the first: none of them could go on. When all of them have stood still for half a
/// second, by the clock of the system, the ask that closed the cycle fails with this. As after a deadline, its message may still be handled.</summary>
/// <remarks>An actor counts as waiting for its last ask of the handling at hand, unless it has piped a task since. Cycles of other asks, and of asks with a cancellation token, are not found, and end
/// at their deadlines. An ask that is not awaited is taken for awaited if its actor does nothing else in that half second either.</remarks>
/// <param name="cycle">See <see cref="Cycle"/>.</param>
public sealed class CallCycleException(IReadOnlyList<string> cycle)
    : Exception($"Actors wait for each other: {string.Join(" asks ", cycle)}. Let one of them go on without the reply: PipeToSelf, or a message in place of an ask.")
{
    /// <summary>The paths of the actors in the order in which they asked: each waits for the next one. It begins with the one whose ask failed, and ends with it again.</summary>
    public IReadOnlyList<string> Cycle { get; } = cycle;
}

/// <summary>The actor system has stopped, so the result that somebody waits for will never come. Whether the message was handled is not known.</summary>
public sealed class SystemStoppedException() : Exception("The actor system has stopped; there will be no reply. Whether the message was handled is not known.");

/// <summary>A bounded mailbox had no room; the message was not handled, and will not be.</summary>
/// <param name="path">The actor.</param>
/// <param name="capacity">How many messages its mailbox holds.</param>
/// <param name="retryAfter">After how long it is worth trying again.</param>
public sealed class MailboxFullException(string path, int capacity, TimeSpan retryAfter)
    : OverloadedException(
        path, MailboxBound.Words, capacity, nameof(SpawnOptions.MailboxCapacity), retryAfter,
        $"The mailbox of actor {path} is full ({capacity} messages); the message was not handled. Send less, or give it more capacity in its SpawnOptions.")
{
    /// <summary>The actor whose mailbox is full.</summary>
    public string Path => Target;

    /// <summary>How many messages it holds.</summary>
    public int Capacity { get; } = capacity;
}
