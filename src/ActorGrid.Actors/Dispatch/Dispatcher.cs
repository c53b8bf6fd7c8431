namespace ActorGrid.Actors;

/// <summary>Decides on which thread, and in which order, scheduled work runs. All work of an actor system goes through one.</summary>
/// <remarks>Implementations promise: what is scheduled before disposal begins runs exactly once; two schedules from one thread need not run
/// in order unless the implementation says so; <see cref="Schedule"/> never runs the work before it returns.</remarks>
public abstract class Dispatcher : IAsyncDisposable
{
    /// <summary>Puts <paramref name="work"/> in the queue. Thread-safe; never blocks on the work itself.</summary>
    /// <param name="work">What is to be run once.</param>
    /// <returns><see langword="false"/> if the work will not run, because the dispatcher is disposed.</returns>
    public abstract bool Schedule(IRunnable work);

    /// <summary>Lets go of the threads once the queued work is done. Idempotent. Completes when the last thread has ended; work that never
    /// returns keeps it from completing.</summary>
    /// <returns>The end of the last thread.</returns>
    public abstract ValueTask DisposeAsync();
}
