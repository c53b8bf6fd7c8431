using System.Collections.Immutable;

namespace ActorGrid.Cluster;

/// <summary>How a node takes part in a cluster. Immutable. Times that all nodes rely on (the lease) have to be the same on all of them.</summary>
public sealed record ClusterOptions
{
    /// <summary>What people call the node; the same after a restart. 1 to 64 characters. Default: its endpoint, or "client".</summary>
    public string? Name { get; init; }

    /// <summary>The roles that it plays: it owns shards of entity types with one of these roles, beside those without. Default: none.</summary>
    public ImmutableArray<string> Roles { get; init; } = [];

    /// <summary>Its share of the shards beside that of others. Default 100; 1 to 10,000.</summary>
    public int Weight { get; init; } = 100;

    /// <summary>The version of the application, which orders the steps of a rolling upgrade: shards go from older versions to the newest. Default 0; from
    /// 0.</summary>
    public int Version { get; init; }

    /// <summary>How long the holder of a lease trusts it, from before it sent the renewal. Default 3 s; 200 ms to 5 minutes. The same on all nodes, which is
    /// checked when one starts.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How often it is renewed. Default 1 s; above 0, at most a third of <see cref="LeaseDuration"/>.</summary>
    public TimeSpan LeaseRenewEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How much longer than the holder's trust others wait, for clocks that run at different speeds. Default 300 ms; from 0, at most <see
    /// cref="LeaseDuration"/>. The same on all nodes, which is checked when one starts.</summary>
    public TimeSpan LeaseDrift { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>How often a node tells each peer that it lives. Default 250 ms; 10 ms to 1 minute.</summary>
    public TimeSpan HeartbeatEvery { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>After so long without a word a peer counts as silent. Default 1 s; at least twice <see cref="HeartbeatEvery"/>.</summary>
    public TimeSpan SilentAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How many shards of the grid may move at once by plan; a member that is new gets one first, and the others a second later. Default 64; from 1.</summary>
    public int MovesMax { get; init; } = 64;

    /// <summary>Bytes of states that go with a shard to its next owner; what does not fit is read from the store there. Default 16 MiB; from 0.</summary>
    public int HandoverBytesMax { get; init; } = 16 << 20;

    /// <summary>Asks of this node that may wait for a shard that moves or is lost; more are refused with <see cref="Actors.OverloadedException"/>. Default
    /// 100,000; from 1.</summary>
    public int ParkedAsksMax { get; init; } = 100_000;

    /// <summary>Bytes of encoded commands of other nodes that this node has in hand; more are refused with <see cref="Actors.OverloadedException"/>. Default 64 MiB; from
    /// 1.</summary>
    public long InboundBytesMax { get; init; } = 64 << 20;

    /// <summary>What the judgement of members rests on.</summary>
    internal MembershipLimits Limits => new()
    {
        LeaseDuration = LeaseDuration,
        DriftMax = LeaseDrift,
        StalledAfter = 2.5 * LeaseRenewEvery,
        // A vote waits for two heartbeats and does not wait for the next renewal; nodes notice up to a heartbeat apart; and the vote has to be written.
        SilentAfter = 4 * HeartbeatEvery,
        RowsFreshFor = 2 * LeaseRenewEvery,
        MovesMax = MovesMax,
    };

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentException">An option is out of range; the message names it.</exception>
    internal void Check()
    {
        Check(Name is null or { Length: >= 1 and <= 64 }, nameof(Name), Name ?? "", "1 to 64 characters");
        Check(!Roles.IsDefault && Roles.All(r => r is { Length: >= 1 and <= 64 }), nameof(Roles), Roles.IsDefault ? "default" : string.Join(',', Roles),
            "names of 1 to 64 characters");
        Check(Roles.Distinct(StringComparer.Ordinal).Count() == Roles.Length, nameof(Roles), string.Join(',', Roles), "each role once");
        Check(Weight is >= 1 and <= 10_000, nameof(Weight), Weight, "1 to 10,000");
        Check(Version >= 0, nameof(Version), Version, "0 or more");
        Check(LeaseDuration >= TimeSpan.FromMilliseconds(200) && LeaseDuration <= TimeSpan.FromMinutes(5), nameof(LeaseDuration), LeaseDuration, "200 ms to 5 minutes");
        Check(LeaseRenewEvery > TimeSpan.Zero && LeaseRenewEvery <= LeaseDuration / 3, nameof(LeaseRenewEvery), LeaseRenewEvery,
            $"above 0 and at most a third of {nameof(LeaseDuration)} ({LeaseDuration})");
        Check(LeaseDrift >= TimeSpan.Zero && LeaseDrift <= LeaseDuration, nameof(LeaseDrift), LeaseDrift, $"0 to {nameof(LeaseDuration)} ({LeaseDuration})");
        Check(HeartbeatEvery >= TimeSpan.FromMilliseconds(10) && HeartbeatEvery <= TimeSpan.FromMinutes(1), nameof(HeartbeatEvery), HeartbeatEvery, "10 ms to 1 minute");
        Check(SilentAfter >= 2 * HeartbeatEvery, nameof(SilentAfter), SilentAfter, $"at least twice {nameof(HeartbeatEvery)} ({HeartbeatEvery})");
        Check(MovesMax >= 1, nameof(MovesMax), MovesMax, "1 or more");
        Check(HandoverBytesMax >= 0, nameof(HandoverBytesMax), HandoverBytesMax, "0 or more");
        Check(ParkedAsksMax >= 1, nameof(ParkedAsksMax), ParkedAsksMax, "1 or more");
        Check(InboundBytesMax >= 1, nameof(InboundBytesMax), InboundBytesMax, "1 or more");
    }

    private static void Check(bool isGood, string name, object value, string range)
    {
        if (!isGood) throw new ArgumentException($"{name} is {value}: it must be {range}.", name);
    }
}
