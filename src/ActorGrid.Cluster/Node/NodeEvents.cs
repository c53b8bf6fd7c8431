namespace ActorGrid.Cluster;

/// <summary>What the node tells those who wait for it. Thread-safe.</summary>
internal sealed class NodeEvents
{
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<Exception> _givenUp = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whether the node is to leave and to stop; it outlives a restart of the node's actor. Set by that actor alone.</summary>
    public bool IsStopping { get; set; }

    /// <summary>An incarnation that a failure of the node's actor has ended, and whose lease is still to be. Used by that actor alone.</summary>
    public Guid? Abandoned { get; set; }

    /// <summary>Ends when the node is Up for the first time, or cannot start at all.</summary>
    public Task WhenStarted => _started.Task;

    /// <summary>Ends when the node owns nothing any more, and never will.</summary>
    public Task WhenStopped => _stopped.Task;

    /// <summary>Ends when the node has failed too often to go on.</summary>
    public Task<Exception> WhenGivenUp => _givenUp.Task;

    public void Started() => _started.TrySetResult();

    /// <summary>False if the start is over: whoever fails now has been up, and goes on trying.</summary>
    public bool FailStart(Exception reason) => _started.TrySetException(reason);

    public void Stopped() => _stopped.TrySetResult();

    /// <summary>The node does not join again. Whoever waits for its start is told the same.</summary>
    public void GivenUp(Exception reason)
    {
        _started.TrySetException(reason);
        _givenUp.TrySetResult(reason);
    }
}
