using System.Collections.Frozen;
using ActorGrid.Persistence;

namespace ActorGrid.Cluster;

/// <summary>Where the shards of each entity type of this node begin. A view says it once and for all, since the journal is laid out by it; so it is
/// looked up once and not for every ask.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class ShardSpaces(EntityTypes types, int shardCount)
{
    private readonly FrozenDictionary<EntityType, Space> _spaces = types.All.ToFrozenDictionary(type => type, _ => new Space());

    /// <summary>The shard of an entity.</summary>
    /// <returns>False if no view has shown yet which shards its type has.</returns>
    public bool TryShardOf(EntityType type, EntityId entity, ClusterView? view, out ShardId shard)
    {
        var space = _spaces[type];
        var local = ShardId.Of(entity, shardCount);
        if (space.First < 0)
        {
            shard = local;
            if (view is null || !view.TryShardOf(entity, out var found)) return false;
            space.First = found.Value - local.Value;
        }
        shard = new ShardId(space.First + local.Value);
        return true;
    }

    private sealed class Space
    {
        /// <summary>Negative: not known yet. All who write it write the same.</summary>
        public volatile int First = -1;
    }
}
