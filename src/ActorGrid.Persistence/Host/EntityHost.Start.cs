using System.Collections.Frozen;
using ActorGrid.Actors;

namespace ActorGrid.Persistence;

public sealed partial class EntityHost
{
    private static Guid NewIncarnation(Random random)
    {
        byte[] bytes = new byte[16];
        random.NextBytes(bytes);
        return new Guid(bytes);
    }

    /// <summary>A start is a takeover, also of what the same node owned before: an append of its earlier life may still be under
    /// way.</summary>
    private static async Task<IReadOnlyList<FenceOutcome>> RaiseFencesAsync(
        IEventJournal journal, int shardCount, Guid incarnation, CancellationToken cancellationToken)
    {
        var terms = (await journal.ReadFencesAsync(cancellationToken)).ToDictionary(f => f.Shard.Value, f => f.Fence.Epoch.Term);
        var raises = Enumerable.Range(0, shardCount)
            .Select(shard => new FenceRaise(new ShardId(shard), new Fence(new Epoch(terms.GetValueOrDefault(shard) + 1, 0), incarnation)))
            .ToList();
        var outcomes = await journal.RaiseFencesAsync(raises, cancellationToken);
        return outcomes.FirstOrDefault(o => !o.Raised) is { } other
            ? throw new StoreException($"Another node took over {other.Shard} at the same moment ({other.Current}). Run one node on this store.", isTransient: false)
            : outcomes;
    }

    private static EntityHost Start(
        ActorSystem system, IGridStore store, IReadOnlyList<EntityType> types, EntityHostOptions options, Action<ShardId>? onShardLost,
        IReadOnlyList<FenceOutcome> raised)
    {
        var entities = new Budget(options.EntitiesInMemoryMax);
        var meter = new NodeMeter(() => entities.Taken);
        var horizon = new ReplyHorizon();
        var births = new RecordedBirths(raised.Max(o => o.YoungestReplyIssuedAtUnixMs));
        horizon.Raise(raised.Max(o => o.RepliesForgottenBeforeUnixMs));
        var commits = Enumerable.Range(0, options.CommitLanes)
            .Select(_ => system.Spawn(() => new CommitLane(store.Journal, options, meter)))
            .ToList();
        var reads = system.Spawn(() => new ReadLane(store.Journal, options, meter));
        var snapshots = system.Spawn(() => new SnapshotLane(store.Snapshots, meter));
        var janitor = system.Spawn(() => new ReplyJanitor(store.Journal, options, horizon, births));
        var node = new NodeSetting(
            store, options, types.ToFrozenDictionary(t => t.Name, StringComparer.Ordinal), entities, new Budget(options.RepliesInMemoryMax), horizon, births, meter,
            new LogLimit(system.Time), new LogLimit(system.Time), reads, snapshots, (shard, _) => onShardLost?.Invoke(shard));
        ShardSeat[] shards = [.. raised.OrderBy(o => o.Shard).Select(o => Seat(system, node, commits[o.Shard.Value % commits.Count], o))];
        return new EntityHost(system, options, types.ToFrozenDictionary(t => t.EntityClass), meter, shards, [.. commits, reads, snapshots, janitor]);
    }

    private static ShardSeat Seat(ActorSystem system, NodeSetting node, ActorRef<CommitLane.IMessage> lane, FenceOutcome raised)
    {
        var load = new ShardLoad(node.Options.CommandsPerShardMax);
        var setting = new ShardSetting(node, lane, load, raised);
        return new ShardSeat(system.Spawn(() => new ShardActor(setting)), load);
    }

    /// <summary>Where a shard of this node is reached.</summary>
    private sealed record ShardSeat(ActorRef<IShardMessage> Actor, ShardLoad Load);
}
