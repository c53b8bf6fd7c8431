using ActorGrid.Cluster;

namespace ActorGrid;

/// <summary>How a node takes part in a grid of several. Checked when the host starts; an error names the property.</summary>
/// <remarks>With neither <see cref="Host"/> nor <see cref="IsClient"/> the node is a grid of its own, and the rest is left aside.</remarks>
public sealed class GridClusterOptions
{
    /// <summary>The address to listen on, an IP address or a name; null: the node does not listen. Default: null. See <see cref="GridBuilder.Listen"/>.</summary>
    public string? Host { get; set; }

    /// <summary>The port to listen on, 0 to 65,535; 0: any that is free. Default: 0.</summary>
    public int Port { get; set; }

    /// <summary>The address that other nodes dial, where it is not the one to listen on (0.0.0.0, a container, NAT). Default: null, <see cref="Host"/>.</summary>
    public string? AdvertisedHost { get; set; }

    /// <summary>Whether the node asks only: it owns no entities, has no vote, and listens nowhere. Default: false. See <see cref="GridBuilder.AsClient"/>.</summary>
    public bool IsClient { get; set; }

    /// <summary>
    /// Whether the node may talk to other hosts without TLS. Everybody who reaches its port can then read and write all entities. Default: false.
    /// </summary>
    public bool AllowPlaintextBeyondLoopback { get; set; }

    /// <summary>What people call the node; the same after a restart. 1 to 64 characters. Default: null, its endpoint (shortened in the middle if it is longer), or "client".</summary>
    public string? Name { get; set; }

    /// <summary>The roles that the node plays: it owns entities of types with one of these roles, beside those without. Each 1 to 64 characters. Default: none.</summary>
    public IList<string> Roles { get; set; } = [];

    /// <summary>Its share of the shards beside that of others. 1 to 10,000. Default: 100.</summary>
    public int Weight { get; set; } = 100;

    /// <summary>The version of the application, which orders the steps of a rolling upgrade: shards go from older versions to the newest. From 0. Default: 0.</summary>
    public int Version { get; set; }

    /// <summary>
    /// How long a node trusts that it owns its shards after it has said so in the store: the bound on how long entities of a node that is stopped or cut off are away. The same on all
    /// nodes. 200 ms to 5 min. Default: 3 s.
    /// </summary>
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How often the lease is renewed. Above zero, at most a third of <see cref="LeaseDuration"/>. Default: 1 s.</summary>
    public TimeSpan LeaseRenewEvery { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How much longer than its holder others wait for a lease to end, for clocks that run at different speeds. The same on all nodes. Zero to <see cref="LeaseDuration"/>. Default: 300 ms.
    /// </summary>
    public TimeSpan LeaseDrift { get; set; } = TimeSpan.FromMilliseconds(300);

    /// <summary>How often the node tells each peer that it lives. 10 ms to 1 min. Default: 250 ms.</summary>
    public TimeSpan HeartbeatEvery { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>After so long without a word a peer counts as silent. At least twice <see cref="HeartbeatEvery"/>. Default: 1 s.</summary>
    public TimeSpan SilentAfter { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How many shards of the grid may move at once by plan; a member that is new gets one first, and the others a second later. From 1. Default: 64.</summary>
    public int MovesMax { get; set; } = 64;

    /// <summary>Bytes of states that go with a shard to its next owner; what does not fit is read from the store there. From 0. Default: 16 MiB.</summary>
    public int HandoverBytesMax { get; set; } = 16 << 20;

    /// <summary>
    /// Asks of this node that may wait for a shard that moves or is lost; more are refused with <see cref="Actors.OverloadedException"/>. From 1. Default: 100,000.
    /// </summary>
    public int ParkedAsksMax { get; set; } = 100_000;

    /// <summary>
    /// Bytes of encoded commands of other nodes that this node has in hand; more are refused with <see cref="Actors.OverloadedException"/>. From 1. Default: 64 MiB.
    /// </summary>
    public long InboundBytesMax { get; set; } = 64 << 20;

    /// <summary>
    /// Whether the host is stopped when the node gives up, after six failures of its own within a minute. The other nodes have its entities then, and whoever watches over the process can start
    /// another. Otherwise the process goes on with a grid that answers nothing, and an unhealthy check. Default: true.
    /// </summary>
    public bool StopHostWhenGivenUp { get; set; } = true;

    /// <summary>Whether there may be other nodes.</summary>
    internal bool IsOn => Host is not null || IsClient;

    internal ClusterOptions Translate() => new()
    {
        Name = Name,
        Roles = [.. Roles],
        Weight = Weight,
        Version = Version,
        LeaseDuration = LeaseDuration,
        LeaseRenewEvery = LeaseRenewEvery,
        LeaseDrift = LeaseDrift,
        HeartbeatEvery = HeartbeatEvery,
        SilentAfter = SilentAfter,
        MovesMax = MovesMax,
        HandoverBytesMax = HandoverBytesMax,
        ParkedAsksMax = ParkedAsksMax,
        InboundBytesMax = InboundBytesMax,
    };
}
