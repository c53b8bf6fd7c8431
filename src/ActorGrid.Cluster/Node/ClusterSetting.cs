using ActorGrid.Actors;
using ActorGrid.Persistence;

namespace ActorGrid.Cluster;

/// <summary>What a node of a cluster is made from. All of it is made, opened and disposed by the caller, after the node has stopped.</summary>
public sealed record ClusterSetting
{
    /// <summary>Where the node's actors run; its clock and its randomness are the node's.</summary>
    public required ActorSystem System { get; init; }

    /// <summary>The grid.</summary>
    public required GridIdentity Grid { get; init; }

    /// <summary>The journal and the snapshots, opened for that grid.</summary>
    public required IGridStore Store { get; init; }

    /// <summary>This node's connection to the view and the leases, in the same database.</summary>
    public required IClusterStore ClusterStore { get; init; }

    /// <summary>Carries frames to and from other nodes. One without an endpoint makes the node a client.</summary>
    public required ITransport Transport { get; init; }

    /// <summary>Where the transport listens: no two processes that have this and the endpoint in common can both run, be it on one host or on two. At most
    /// <see cref="Member.HostLengthMax"/> characters. Default: null, nothing is known of that; a node that comes back at its endpoint then waits until the lease
    /// of the one that was there before has run out, unless other members have seen that one go.</summary>
    public string? Host { get; init; }

    /// <summary>Goes on while the host is suspended.</summary>
    public required IBootClock BootClock { get; init; }

    /// <summary>The entity types; the same on all nodes of one version.</summary>
    public required IReadOnlyList<EntityType> Types { get; init; }

    /// <summary>The codecs of the messages that are published to topics; the same on all nodes of one version. Default: none.</summary>
    public CodecRegistry TopicMessages { get; init; } = new([]);

    /// <summary>How the node takes part; the defaults if not given.</summary>
    public ClusterOptions Options { get; init; } = new();

    /// <summary>Which member should own which shard; the same on all nodes. Default: weighted rendezvous hashing.</summary>
    public IAllocationStrategy Allocation { get; init; } = new WeightedRendezvous();

    /// <summary>The bounds and times of its entities; the defaults if not given.</summary>
    public EntityHostOptions Entities { get; init; } = new();

    /// <summary>Is told what the shards of the node commit, and gives it to subscriptions. Default: null, there are none. Started after the node and stopped before it, by whoever made it.</summary>
    public SubscriptionHost? Subscriptions { get; init; }

    /// <summary>Runs what must not wait behind entities: heartbeats and views. Default: null, the system's dispatcher. Disposed by whoever made it, after
    /// the system.</summary>
    public Dispatcher? ControlDispatcher { get; init; }
}
