namespace ActorGrid.Persistence;

public sealed partial class EntityHost
{
    private static Guid NewIncarnation(Random random)
    {
        byte[] bytes = new byte[16];
        random.NextBytes(bytes);
        return new Guid(bytes);
    }

    /// <summary>A start is a takeover, also of what the same node owned before: an append of its earlier life may still be under way. It moves the generation, not the term:
    /// terms are a cluster's to count, and a later cluster on this store must not find its own behind.</summary>
    private static async Task<IReadOnlyList<FenceOutcome>> RaiseFencesAsync(
        IEventJournal journal, int shardCount, Guid incarnation, CancellationToken cancellationToken)
    {
        var epochs = (await journal.ReadFencesAsync(cancellationToken)).ToDictionary(f => f.Shard.Value, f => f.Fence.Epoch);
        // Entities of a role are in shards beyond: a node that looked for them in its own would begin each anew, beside what it was.
        if (epochs.Keys.FirstOrDefault(shard => shard >= shardCount) is > 0 and var ofRole)
        {
            throw new StoreException(
                $"This grid has roles: shard {ofRole} had an owner, which is beyond the {shardCount} shards of a node alone, so entities of a role lie in it. Run the grid as a cluster, with Listen(...).",
                isTransient: false);
        }
        var raises = Enumerable.Range(0, shardCount)
            .Select(shard => (Shard: new ShardId(shard), Last: epochs.GetValueOrDefault(shard)))
            .Select(next => new FenceRaise(next.Shard, new Fence(next.Last with { Generation = next.Last.Generation + 1 }, incarnation)))
            .ToList();
        var outcomes = await journal.RaiseFencesAsync(raises, cancellationToken);
        return outcomes.FirstOrDefault(o => !o.Raised) is { } other
            ? throw new StoreException($"Another node took over {other.Shard} at the same moment ({other.Current}). Run one node on this store.", isTransient: false)
            : outcomes;
    }

    private sealed class Watcher(Action<ShardId>? onShardLost) : IShardWatcher
    {
        public void OnShardEnded(ShardId shard, Epoch epoch, ShardEnd end, Exception? reason) => onShardLost?.Invoke(shard);
    }
}
