namespace ActorGrid.Actors;

/// <summary>Refers to an actor, whatever it understands. Thread-safe, and good for ever: the actor's restarts do not change it, and after its
/// stop what is sent to it becomes a dead letter.</summary>
public abstract class ActorRef
{
    private protected ActorRef()
    {
    }

    /// <summary>The actor's name, unique among its siblings.</summary>
    public string Name => Cell.Name;

    /// <summary>The names from the root of the system down to the actor.</summary>
    public string Path => Cell.Path;

    /// <summary>Whether the actor has stopped for good.</summary>
    public bool HasStopped => Cell.HasStopped;

    internal abstract ActorCell Cell { get; }

    internal ActorSystem System => Cell.System;

    /// <summary>Stops the actor, and its children before it, after the message that it is handling. What waits in its mailbox becomes dead letters. Returns at once.</summary>
    public void Stop() => Cell.Send(new StopSignal());

    /// <summary>Lets the actor handle what is in its mailbox now, then stops it; after <paramref name="drainTimeout"/> it is stopped after the
    /// message that it is handling.</summary>
    /// <param name="drainTimeout">How long messages may still be handled; more than zero.</param>
    /// <param name="cancellationToken">Gives up waiting; the actor stops nevertheless.</param>
    /// <returns>A task that completes when the actor has stopped.</returns>
    public Task StopAsync(TimeSpan drainTimeout, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(drainTimeout, TimeSpan.Zero);
        var drain = new Drain(Cell);
        if (PostDrain(drain)) System.Deadlines.Add(drain, drainTimeout);
        return WhenStoppedAsync(cancellationToken);
    }

    /// <summary>Waits until the actor has stopped.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>A task that completes when the actor has stopped.</returns>
    public Task WhenStoppedAsync(CancellationToken cancellationToken = default)
    {
        var waiter = new StopWaiter();
        Cell.Send(new WatchSignal(waiter));
        return cancellationToken.CanBeCanceled ? waiter.WaitAsync(Cell, cancellationToken) : waiter.Stopped;
    }

    /// <inheritdoc/>
    public sealed override string ToString() => Path;

    /// <summary>Has the drain come after what has been sent so far.</summary>
    /// <returns><see langword="false"/> if the actor has stopped.</returns>
    private protected virtual bool PostDrain(Drain drain) => Cell.Post(new ControlMail(drain));

    private sealed class StopWaiter : IWatcher
    {
        private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Stopped => _stopped.Task;

        public async Task WaitAsync(ActorCell cell, CancellationToken cancellationToken)
        {
            try
            {
                await _stopped.Task.WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                cell.Send(new UnwatchSignal(this));
                throw;
            }
        }

        public void OnTerminated() => _stopped.TrySetResult();
    }
}
