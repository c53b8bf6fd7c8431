using ActorGrid.Persistence;

namespace ActorGrid.Cluster;

public sealed partial class ClusterView
{
    /// <summary>The shard of an entity: one of those of the role of its type.</summary>
    /// <exception cref="ArgumentException">No node that ever joined has registered the type.</exception>
    public ShardId ShardOf(EntityId entity) => TryShardOf(entity, out var shard)
        ? shard
        : throw new ArgumentException(
            $"No node of the grid {Grid} has registered the entity type '{entity.Type}'. Register it at the nodes that shall host it.", nameof(entity));

    /// <summary>The shard of an entity: one of those of the role of its type.</summary>
    /// <returns>False if no node that ever joined has registered the type.</returns>
    public bool TryShardOf(EntityId entity, out ShardId shard)
    {
        shard = default;
        if (!TypeRoles.TryGetValue(entity.Type, out string? role)) return false;
        shard = new ShardId(SpaceOf(role).First + ShardId.Of(entity, Grid.ShardCount).Value);
        return true;
    }

    /// <summary>The space that a shard belongs to.</summary>
    public ShardSpace SpaceOf(ShardId shard) => Spaces[shard.Value / Grid.ShardCount];

    /// <summary>Whether the owner of a shard has to finish what it has in hand of it, and to answer nobody for it any more: it moves, or its owner leaves and no
    /// member could take it over now.</summary>
    /// <remarks>An owner that leaves must not just go: who takes the shard over from the next view on does not wait for its lease.</remarks>
    public bool IsToBeReleased(ShardId shard)
    {
        var ownership = this[shard];
        if (ownership.Owner == Guid.Empty) return false;
        return ownership.IsMoving || (Find(ownership.Owner)!.Status == MemberStatus.Leaving && !HasCandidate(SpaceOf(shard).Role));
    }

    /// <summary>Whether any member is Up and plays the role.</summary>
    internal bool HasCandidate(string role)
    {
        foreach (var member in Members)
        {
            if (member.CanOwn(role)) return true;
        }
        return false;
    }

    private ShardSpace SpaceOf(string role)
    {
        foreach (var space in Spaces)
        {
            if (space.Role == role) return space;
        }
        throw new InvalidOperationException($"View {Version} has no shards of the role '{role}'.");
    }
}
