using ActorGrid.Persistence;

namespace ActorGrid.Cluster;

/// <summary>Makes the host of a node's shards: it asks the node whether it may answer, and tells the steward of shards that stop.</summary>
internal static class ShardsOfNode
{
    public static ShardHost Start(NodeParts parts, EntityTypes types)
    {
        var setting = parts.Setting;
        setting.Entities.Check();
        return ShardHost.Start(
            setting.System, setting.Store, types, setting.Entities, entity => ShardOf(parts, entity), parts, new Watcher(parts),
            setting.Options.HandoverBytesMax, setting.Subscriptions);
    }

    /// <summary>A node that owns a shard is in a view that knows its entity types.</summary>
    private static ShardId ShardOf(NodeParts parts, EntityId entity) =>
        parts.Standing is { } standing && standing.View.TryShardOf(entity, out var shard) ? shard : new ShardId(-1);

    private sealed class Watcher(NodeParts parts) : IShardWatcher
    {
        public void OnShardEnded(ShardId shard, Epoch epoch, ShardEnd end, Exception? reason) =>
            parts.Steward?.TryTell(new ShardEnded(shard, epoch, end, reason));
    }
}
