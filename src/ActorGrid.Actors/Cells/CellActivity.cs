namespace ActorGrid.Actors;

/// <summary>What a look from outside shows of an actor.</summary>
internal enum CellActivity : byte
{
    /// <summary>It does nothing and has nothing to do.</summary>
    Idle,

    /// <summary>It runs, is about to, or waits for an end of its handler or a verdict.</summary>
    Busy,

    /// <summary>It has stopped for good.</summary>
    Stopped,
}
