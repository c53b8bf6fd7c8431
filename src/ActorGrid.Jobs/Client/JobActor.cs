using ActorGrid.Actors;

namespace ActorGrid.Jobs;

/// <summary>Starts the small actors that the calls of clients are made of.</summary>
internal static class JobActor
{
    /// <summary>Starts one.</summary>
    /// <exception cref="ObjectDisposedException">The grid has stopped: a call may come, or go on after a pause, when it already has.</exception>
    public static ActorRef<TMessage> Spawn<TMessage>(ActorSystem system, Func<Actor<TMessage>> factory)
    {
        try
        {
            return system.Spawn(factory);
        }
        catch (InvalidOperationException)
        {
            // An actor without a name is refused for this reason alone.
            throw new ObjectDisposedException(nameof(JobClient), "The grid has stopped.");
        }
    }
}
