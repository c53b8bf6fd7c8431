namespace ActorGrid.Actors;

/// <summary>Where an actor stands in its life. Messages are handled in <see cref="Running"/> only.</summary>
internal enum CellPhase : byte
{
    /// <summary>Spawned; its instance is not made yet.</summary>
    Created,
    Running,

    /// <summary>OnStartAsync is pending.</summary>
    Starting,

    /// <summary>OnMessageAsync is pending.</summary>
    Handling,

    /// <summary>Failed; the parent has not decided yet, or a backoff is running.</summary>
    Failed,

    /// <summary>Waits for its children to stop, or for OnRestartAsync, before a new instance is made.</summary>
    Restarting,

    /// <summary>Waits for its children to stop, or for OnStopAsync.</summary>
    Stopping,
    Stopped,
}
