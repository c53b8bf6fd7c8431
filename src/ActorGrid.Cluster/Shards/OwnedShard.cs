using ActorGrid.Persistence;

namespace ActorGrid.Cluster;

/// <summary>A shard that this node owns in one term, as its steward sees it.</summary>
internal sealed class OwnedShard(ShardId id, long term)
{
    public ShardId Id => id;

    /// <summary>The term of the ownership, by the view.</summary>
    public long Term => term;

    public ShardStage Stage { get; set; } = ShardStage.Waiting;

    /// <summary>The epoch of the fence that is to be raised, or was raised last. Its term is that of the view, but where somebody has
    /// raised fences without a view.</summary>
    public Epoch Epoch { get; set; } = new(term, 0);

    /// <summary>The holders of leases that may have been trusted when the view gave the shard to this node: it is not served before these
    /// have ended.</summary>
    public required IReadOnlyList<Guid> WaitsFor { get; init; }

    /// <summary>Who owned it in the term before; empty if nobody did, or that is not known. Its states come from there or not at all.</summary>
    public required Guid LastOwner { get; init; }

    /// <summary>Whether its last owner is alive and hands its states over.</summary>
    public bool AwaitsStates { get; init; }

    /// <summary>How its fence was raised, once it was.</summary>
    public FenceOutcome? Raised { get; set; }

    /// <summary>When its fence was raised, by the clock of the system.</summary>
    public long RaisedAt { get; set; }

    /// <summary>Whether the host was told to open it, and has not told of its end.</summary>
    public bool IsServed { get; set; }

    /// <summary>Tells one release from an earlier one that was cancelled.</summary>
    public int Release { get; set; }

    /// <summary>What is to be handed over, once it is drained; null: nothing.</summary>
    public HandedOver? States { get; set; }

    /// <summary>How often in a row it has stopped on a defect.</summary>
    public int Defects { get; set; }
}

/// <summary>How far a shard is with its owner.</summary>
internal enum ShardStage
{
    /// <summary>Its fence is to be raised as soon as the leases that it waits for have ended.</summary>
    Waiting,

    /// <summary>Its fence is being raised.</summary>
    Raising,

    /// <summary>Its fence is later than the view says it can be: the view is read to see who owns it.</summary>
    Contested,

    /// <summary>Its fence is raised; the states of its last owner are on their way.</summary>
    Arriving,

    /// <summary>It has stopped on a defect, and is opened anew after a while.</summary>
    Resting,

    /// <summary>It serves.</summary>
    Open,

    /// <summary>It is to be released; what it has in hand is being finished.</summary>
    Releasing,

    /// <summary>It answers nobody any more, until the view gives it to another, or says that it stays.</summary>
    Drained,
}
