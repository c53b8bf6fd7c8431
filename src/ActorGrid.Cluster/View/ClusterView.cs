using System.Collections.Immutable;
using System.Globalization;
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

    /// <summary>What all members mean by a lease, as the first to join has said; null: nobody has joined yet. It changes only while there is no member and no lease
    /// that may be trusted.</summary>
    public LeaseTerms? Lease { get; init; }

    /// <summary>Leases that may still be trusted by their holders.</summary>
    public required ImmutableArray<RevokedLease> Revoked { get; init; }

    /// <summary>Who was a member lately, and why it is none any more: the last <see cref="DeparturesMax"/>, the latest at the end.</summary>
    public ImmutableArray<Departure> Departures { get; init; } = [];

    /// <summary>How many departures are kept.</summary>
    public const int DeparturesMax = 64;

    /// <summary>The most members that a grid may have, over all statuses.</summary>
    public const int MembersMax = 4096;

    /// <summary>The most entity types.</summary>
    public const int EntityTypesMax = 4096;

    /// <summary>The most shards that the spaces of all roles may have together.</summary>
    public const int ShardsMax = GridIdentity.ShardCountMax;

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
    public Member? Find(Guid incarnation) => IndexOf(incarnation) is var index and >= 0 ? Members[index] : null;

    /// <summary>The ownership of a shard.</summary>
    public ShardOwnership this[ShardId shard] => Shards[shard.Value];

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"view {Version} of {Grid.Name}: {Members.Length} members, {Shards.Length} shards");

    /// <summary>Where the member of that incarnation stands in <see cref="Members"/>; -1: nowhere.</summary>
    internal int IndexOf(Guid incarnation)
    {
        if (incarnation == Guid.Empty) return -1;
        // Two threads may both make the index; they make the same.
        var index = _index ??= IndexMembers();
        return index.TryGetValue(incarnation, out int at) ? at : -1;
    }

    /// <summary>What the strategy that was asked last would change, with which members; made by the planner on demand. A tuple behind a reference, so that it is read
    /// whole.</summary>
    internal Tuple<IAllocationStrategy, ImmutableArray<Member>, AllocationPlan>? Allocation
    {
        get => _allocation;
        set => _allocation = value;
    }

    private volatile Dictionary<Guid, int>? _index;
    private volatile Tuple<IAllocationStrategy, ImmutableArray<Member>, AllocationPlan>? _allocation;

    private Dictionary<Guid, int> IndexMembers()
    {
        var index = new Dictionary<Guid, int>(Members.Length);
        for (int i = 0; i < Members.Length; i++) index.TryAdd(Members[i].Incarnation, i);
        return index;
    }

    /// <summary>The same view but for what is given.</summary>
    internal ClusterView Change(
        long? version = null,
        ImmutableArray<Member>? members = null,
        ImmutableArray<ShardOwnership>? shards = null,
        ImmutableArray<ShardSpace>? spaces = null,
        ImmutableSortedDictionary<string, string>? typeRoles = null,
        LeaseTerms? lease = null,
        ImmutableArray<RevokedLease>? revoked = null,
        ImmutableArray<Departure>? departures = null) => new()
        {
            Version = version ?? Version,
            Grid = Grid,
            Members = members ?? Members,
            Shards = shards ?? Shards,
            Spaces = spaces ?? Spaces,
            TypeRoles = typeRoles ?? TypeRoles,
            Lease = lease ?? Lease,
            Revoked = revoked ?? Revoked,
            Departures = departures ?? Departures,
        };
}
