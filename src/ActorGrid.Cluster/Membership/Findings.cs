using System.Collections.Immutable;
using ActorGrid.Persistence;

namespace ActorGrid.Cluster;

/// <summary>What one node has found out, and what it wants: plain data, from which the <see cref="Planner"/> judges. All times are by the node's own monotonic
/// clock, as the time since some fixed moment.</summary>
internal sealed record Findings
{
    /// <summary>Who the node is: the member that it joins as. Its status and the version of its joining are those of the view once it is in there.</summary>
    public required Member Self { get; init; }

    /// <summary>Whether some view that the node has seen had it as a member: it then never joins again under this incarnation.</summary>
    public required bool HasJoined { get; init; }

    /// <summary>The role of each entity type that the node registers when it joins; empty: none.</summary>
    public ImmutableSortedDictionary<string, string> TypeRoles { get; init; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>Since when the node has held its own lease without a break: when the first renewal was answered after the last that failed, or took longer than
    /// the time from one to the next; null: it does not trust its lease at this moment.</summary>
    /// <remarks>A renewal that failed breaks it even if the lease was trusted all along: others, who renewed earlier, may have lost theirs in that outage.</remarks>
    public TimeSpan? LeaseHeldSince { get; init; }

    /// <summary>Whether the node wants to leave.</summary>
    public bool WantsToLeave { get; init; }

    /// <summary>The shards that the node owns, that are to be released (<see cref="ClusterView.IsToBeReleased"/>), and for which it answers nobody any more.</summary>
    /// <remarks>The node drops one from here with the first view in which it is not to be released, since it may then serve the shard again.</remarks>
    public ImmutableArray<DrainedShard> Drained { get; init; } = [];

    /// <summary>Since when the node, a member, has owned no shard; null: it owns some.</summary>
    public TimeSpan? OwnsNothingSince { get; init; }

    /// <summary>The members that are given one shard only for now, since they have not served anything for long.</summary>
    public ImmutableHashSet<Guid> Beginners { get; init; } = [];

    /// <summary>The owners that do not get on with passing on the shards that are to move.</summary>
    public ImmutableHashSet<Guid> Overdue { get; init; } = [];

    /// <summary>What the node sees of the others, by incarnation: of the members, and of those whose lease was revoked and not settled.</summary>
    public IReadOnlyDictionary<Guid, PeerFinding> Peers { get; init; } = ImmutableDictionary<Guid, PeerFinding>.Empty;

    /// <summary>The lease rows as last read, by incarnation.</summary>
    public IReadOnlyDictionary<Guid, LeaseRow> Leases { get; init; } = ImmutableDictionary<Guid, LeaseRow>.Empty;

    /// <summary>When that read was sent; null: never.</summary>
    public TimeSpan? LeasesReadAt { get; init; }
}

/// <summary>A shard that its owner has drained.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="Term">The term of the ownership in which it was.</param>
internal readonly record struct DrainedShard(ShardId Shard, long Term);

/// <summary>What a node sees of another incarnation.</summary>
/// <param name="IsReachable">Whether it hears that one, and that one says that it hears the node.</param>
/// <param name="Since">Since when this is so; before the first heartbeat: since the node learned of it.</param>
/// <param name="IsRefused">Its address refuses connections, or another incarnation answers there: witnessed by dialling it after the node has once found this one
/// there, with no link to it open, and not contradicted since.</param>
/// <param name="LeaseNumber">The highest number of its lease that the node has learned of, by heartbeat or from the store; -1: none yet.</param>
/// <param name="LeaseSince">When the node learned that number: the moment when the answer or the heartbeat came. With -1: when it learned of the incarnation.</param>
/// <param name="RevokedSince">When the node learned that its lease was revoked; null: not so.</param>
internal readonly record struct PeerFinding(
    bool IsReachable, TimeSpan Since, bool IsRefused, long LeaseNumber, TimeSpan LeaseSince, TimeSpan? RevokedSince = null);
