using ActorGrid.Persistence;

namespace ActorGrid.Cluster;

/// <summary>A shard has stopped on its own. From the host.</summary>
internal sealed record ShardEnded(ShardId Shard, Epoch Epoch, ShardEnd End, Exception? Reason) : IStewardMessage;

/// <summary>How the raising of fences ended.</summary>
internal sealed record FencesRaised(IReadOnlyList<FenceOutcome> Outcomes, Exception? Error) : IStewardMessage;

/// <summary>What the view is at this moment, for those whose fence was later than theirs.</summary>
internal sealed record ViewLooked(ClusterView? View, IReadOnlyList<OwnedShard> For, Exception? Error) : IStewardMessage;

/// <summary>A shard was released: its states, or null if it was not served any more.</summary>
internal sealed record ShardReleased(OwnedShard Shard, int Release, HandedOver? States) : IStewardMessage;

/// <summary>It is time to look at something again.</summary>
internal sealed record StewardTick(StewardTickKind Kind, OwnedShard? Shard = null) : IStewardMessage
{
    public static readonly StewardTick RaiseAgain = new(StewardTickKind.RaiseAgain);
    public static readonly StewardTick LookAgain = new(StewardTickKind.LookAgain);
    public static readonly StewardTick SendMore = new(StewardTickKind.SendMore);
    public static readonly StewardTick DropOld = new(StewardTickKind.DropOld);
}

internal enum StewardTickKind
{
    RaiseAgain,
    LookAgain,
    SendMore,
    DropOld,

    /// <summary>The states of a shard should have come.</summary>
    Arrive,

    /// <summary>A shard that has stopped on a defect has rested.</summary>
    Reopen,
}
