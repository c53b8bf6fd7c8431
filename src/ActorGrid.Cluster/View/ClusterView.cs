using System.Collections.Immutable;
using ActorGrid.Persistence;

namespace ActorGrid.Cluster;

/// <summary>
/// The cluster as one versioned document: who is a member, who owns which shard, and whose lease is still to be waited out. Every change is a
/// pure function of a view, and counts when the store has exchanged the view for it.
/// </summary>
/// <remarks>Immutable; safe to use from any thread.</remarks>
public sealed partial class ClusterView
{
    /// <summary>Counts the changes; 0 is the view of a grid that nobody has joined yet.</summary>
    public required long Version { get; init; }

    /// <summary>The grid.</summary>
    public required GridIdentity Grid { get; init; }

    /// <summary>The members, the oldest first.</summary>
    public required ImmutableArray<Member> Members { get; init; }

    /// <summary>The shards by their number: those of each space, one space after the other.</summary>
    public required ImmutableArray<ShardOwnership> Shards { get; init; }

    /// <summary>Which shards belong to which role, in the order in which the roles were first used. The first has no role. They never change but for
    /// new ones at the end, since the journal is laid out by them.</summary>
    public required ImmutableArray<ShardSpace> Spaces { get; init; }

    /// <summary>The role of each entity type that was ever registered, by the name of the type; empty: none. It never changes.</summary>
    public required ImmutableSortedDictionary<string, string> TypeRoles { get; init; }

    /// <summary>Leases that may still be trusted by their holders.</summary>
    public required ImmutableArray<RevokedLease> Revoked { get; init; }

    /// <summary>The view of a grid that nobody has joined yet.</summary>
    public static ClusterView Empty(GridIdentity grid) => new()
    {
        Version = 0,
        Grid = grid,
        Members = [],
        Shards = ImmutableArray.CreateRange(Enumerable.Repeat(default(ShardOwnership), grid.ShardCount)),
        Spaces = [new ShardSpace("", 0)],
        TypeRoles = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal),
        Revoked = [],
    };

    /// <summary>The member of that incarnation, or null.</summary>
    public Member? Find(Guid incarnation)
    {
        foreach (var member in Members)
        {
            if (member.Incarnation == incarnation) return member;
        }
        return null;
    }

    /// <summary>The ownership of a shard.</summary>
    public ShardOwnership this[ShardId shard] => Shards[shard.Value];
}
