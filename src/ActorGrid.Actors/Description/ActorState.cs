namespace ActorGrid.Actors;

/// <summary>What an actor is doing.</summary>
public enum ActorState
{
    /// <summary>Its instance is being made, or OnStartAsync has not ended.</summary>
    Starting,

    /// <summary>Ready for messages: it has none, or waits for its turn on the dispatcher.</summary>
    Running,

    /// <summary>A message is being handled, or its OnMessageAsync is pending.</summary>
    Handling,

    /// <summary>It has failed, and waits for its parent's decision or for the end of a backoff.</summary>
    Suspended,

    /// <summary>Before a new instance is made, its children stop and OnRestartAsync runs.</summary>
    Restarting,

    /// <summary>Its children stop, and OnStopAsync runs.</summary>
    Stopping,

    /// <summary>It has stopped for good.</summary>
    Stopped,
}
