using System.Collections.Immutable;
using ActorGrid.Persistence;

namespace ActorGrid.Cluster;

/// <summary>
/// What of a view the journal rests on, and so goes with it into an archive and out of it: which shards belong to which role, and the terms. Members and leases do not. The view that is made of it has nobody in it, so a
/// new cluster is founded by whoever joins first; its first owners go beyond the fences that were written, since the terms go on from theirs.
/// </summary>
internal sealed class FoundingView(GridIdentity grid)
{
    private readonly ImmutableArray<ShardSpace>.Builder _spaces = ClusterView.Empty(grid).Spaces.ToBuilder();
    private readonly ImmutableSortedDictionary<string, string>.Builder _typeRoles = ClusterView.Empty(grid).TypeRoles.ToBuilder();
    private readonly Dictionary<int, long> _terms = [];

    /// <summary>What a view adds to the rows of an archive.</summary>
    public static IEnumerable<ArchiveRow> RowsOf(ClusterView view) =>
    [
        .. view.Spaces.Skip(1).Select(static space => new ArchivedRole(space.Role, space.First)),
        .. view.TypeRoles.Select(static type => new ArchivedEntityType(type.Key, type.Value)),
    ];

    /// <summary>Takes note of a row that was checked.</summary>
    /// <exception cref="InvalidDataException">There are too many entity types.</exception>
    public void Add(ArchiveRow row)
    {
        switch (row)
        {
            case ArchivedRole role:
                _spaces.Add(new ShardSpace(role.Role, role.FirstShard));
                break;
            case ArchivedEntityType when _typeRoles.Count >= ClusterView.EntityTypesMax:
                throw new InvalidDataException($"there are more than {ClusterView.EntityTypesMax} entity types with their roles, and a cluster has no more.");
            case ArchivedEntityType type:
                _typeRoles.Add(type.Type, type.Role);
                break;
            case ArchivedShard { Fence.Epoch.Term: > 0 and var term } shard:
                _terms.Add(shard.Shard.Value, term);
                break;
        }
    }

    /// <summary>The view; null if it says nothing that the view of a grid which nobody has joined yet does not.</summary>
    /// <exception cref="InvalidDataException">The view cannot be.</exception>
    public ClusterView? Build()
    {
        if (_spaces.Count == 1 && _typeRoles.Count == 0 && _terms.Count == 0) return null;
        var shards = new ShardOwnership[_spaces.Count * grid.ShardCount];
        foreach (var (shard, term) in _terms) shards[shard] = new ShardOwnership(Guid.Empty, term, Guid.Empty);
        var view = ClusterView.Empty(grid).Change(version: 1, shards: [.. shards], spaces: _spaces.ToImmutable(), typeRoles: _typeRoles.ToImmutable());
        return view.Fault() is { } fault ? throw new InvalidDataException($"the shards cannot be laid out so: {fault}.") : view;
    }
}
