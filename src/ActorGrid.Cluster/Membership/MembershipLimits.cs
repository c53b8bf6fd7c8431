namespace ActorGrid.Cluster;

/// <summary>The times and bounds that the judgement of members rests on; the same at all nodes of a grid.</summary>
internal sealed record MembershipLimits
{
    /// <summary>How long the holder of a lease trusts it from before it sent the renewal. Default 3 s.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>By how much two clocks may part within <see cref="LeaseDuration"/>: who waits a lease out waits that much longer. Default 300 ms.</summary>
    public TimeSpan DriftMax { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>A lease that was not renewed for so long stalls: its holder's votes count no more, and it is waited out rather than revoked. Default
    /// 2.5 s: two renewals missed, and slack.</summary>
    public TimeSpan StalledAfter { get; init; } = TimeSpan.FromMilliseconds(2500);

    /// <summary>How long a member must have been out of reach before it is judged by votes: time for the votes to be written. Default 1 s.</summary>
    public TimeSpan SilentAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Lease rows that were read longer ago than this witness nothing. Default 2 s.</summary>
    public TimeSpan RowsFreshFor { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How much longer each proposer waits than the one ranked before it. Default 50 ms.</summary>
    public TimeSpan RankStep { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The longest that a proposer waits for those ranked before it. Default 1 s.</summary>
    public TimeSpan RankWaitMax { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How many shards move at a time in a small grid; one with more than half as many members Up moves up to two for each. Default 64.</summary>
    public int MovesMax { get; init; } = 64;

    /// <summary>How long a member that is new is given a single shard only, from when it owns that. Default 1 s.</summary>
    public TimeSpan SlowStart { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long an owner may take to pass on the next of the shards that move before others have their turn. Default 1 s.</summary>
    public TimeSpan MovePatience { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a member that leaves stays when it has passed on its last shard: its links close with it, and the states of that shard are to arrive. Default 100 ms.</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>What a lease means.</summary>
    public LeaseTerms Lease => new(LeaseDuration, DriftMax);

    /// <summary>From when on a lease whose number was learned at some time is certainly trusted by nobody.</summary>
    public TimeSpan WaitOut => LeaseDuration + DriftMax;
}
