namespace ActorGrid.Persistence;

/// <summary>How far a shard is. Once it is lost, the phase says nothing any more.</summary>
internal enum ShardPhase
{
    /// <summary>Its fence is not raised yet; calls wait.</summary>
    Expected,

    /// <summary>It serves.</summary>
    Open,

    /// <summary>It moves: calls in hand end, new ones wait, then the states are encoded.</summary>
    Releasing,

    /// <summary>Its states were given away; calls wait.</summary>
    Released,
}
