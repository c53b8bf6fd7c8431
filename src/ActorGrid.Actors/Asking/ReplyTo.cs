namespace ActorGrid.Actors;

/// <summary>Where the reply to an ask goes. A value to be carried in the message; the first reply or failure wins, later ones change nothing. Thread-safe.</summary>
/// <typeparam name="TReply">The reply.</typeparam>
public readonly record struct ReplyTo<TReply>
{
    private readonly Promise<TReply>? _promise;

    /// <summary>Makes the slot of a promise.</summary>
    /// <param name="promise">Who waits.</param>
    public ReplyTo(Promise<TReply> promise) => _promise = promise;

    private Promise<TReply> Promise =>
        _promise ?? throw new InvalidOperationException("This reply slot is empty. A message that is asked gets its slot from AskAsync.");

    /// <summary>Answers.</summary>
    /// <param name="reply">The reply.</param>
    /// <returns><see langword="false"/> if there was an outcome already: an earlier reply, the deadline, or cancellation.</returns>
    public bool Reply(TReply reply) => Promise.TrySetResult(reply);

    /// <summary>Lets the ask fail with <paramref name="reason"/>.</summary>
    /// <param name="reason">What the asker's await throws.</param>
    /// <returns><see langword="false"/> if there was an outcome already.</returns>
    public bool Fail(Exception reason) => Promise.TrySetException(reason);
}
