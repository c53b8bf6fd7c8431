using System.Diagnostics;
using ActorGrid.Persistence;

namespace ActorGrid.Benchmarks;

/// <summary>Appends to a store in groups of 1,000 events of 150 bytes, each call one commit on the disk, and reading them back.</summary>
internal static class StoreLoad
{
    private const int ShardCount = 256, Group = 1000;

    public static async Task<(double Rate, double P99)> MeasureAsync(IGridStore store, int entities, int events, bool withReplies, bool read)
    {
        await store.OpenAsync(new GridIdentity("bench", ShardCount), default);
        var load = new Load(entities, withReplies);
        await store.Journal.RaiseFencesAsync([.. Enumerable.Range(0, ShardCount).Select(i => new FenceRaise(new ShardId(i), load.Fence))], default);
        var commits = new List<double>();
        long start = Stopwatch.GetTimestamp();
        for (int done = 0; done < events; done += Group)
        {
            var appends = load.Next(Group);
            long commit = Stopwatch.GetTimestamp();
            var outcomes = await store.Journal.AppendAsync(appends, default);
            commits.Add(Stopwatch.GetElapsedTime(commit).TotalMilliseconds);
            if (outcomes.FirstOrDefault(outcome => outcome.Status != AppendStatus.Committed) is { } failed) throw new InvalidOperationException($"{failed}");
        }
        double rate = events / Stopwatch.GetElapsedTime(start).TotalSeconds;
        commits.Sort();
        return (read ? await ReadRateAsync(store, load.Entities) : rate, commits[commits.Count * 99 / 100]);
    }

    private static async Task<double> ReadRateAsync(IGridStore store, EntityId[] entities)
    {
        long start = Stopwatch.GetTimestamp(), count = 0;
        foreach (var some in entities.Chunk(20))
        {
            var open = some;
            for (long after = 0; open.Length > 0; after += Group)
            {
                var pages = await store.Journal.ReadEntitiesAsync([.. open.Select(entity => new EntityRead(entity, after, Group))], default);
                count += pages.Sum(page => page.Events.Count);
                open = [.. pages.Where(page => page.HasMore).Select(page => page.Entity)];
            }
        }
        return count / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Entities that take turns, spread over the shards.</summary>
    private sealed class Load(int entities, bool withReplies)
    {
        private readonly long[] _sequences = new long[entities], _offsets = new long[ShardCount];
        private readonly byte[] _payload = [.. Enumerable.Range(0, 150).Select(i => (byte)(i * 7))];
        private readonly Random _random = new(1);
        private int _next;

        public Fence Fence { get; } = new(new Epoch(1, 0), Guid.NewGuid());

        public EntityId[] Entities { get; } = [.. Enumerable.Range(0, entities).Select(i => EntityId.Create("account", $"customer-{i}"))];

        public ShardAppend[] Next(int count)
        {
            var now = DateTimeOffset.UtcNow;
            var shards = new Dictionary<ShardId, (List<JournalEvent> Events, List<ReplyRecord> Replies)>();
            for (int i = 0; i < count; i++, _next++)
            {
                int index = _next % Entities.Length;
                var entity = Entities[index];
                var shard = ShardId.Of(entity, ShardCount);
                if (!shards.TryGetValue(shard, out var rows)) shards.Add(shard, rows = ([], []));
                rows.Events.Add(new JournalEvent(entity, ++_sequences[index], "deposited", now.ToUnixTimeMilliseconds(), _payload));
                if (withReplies) rows.Replies.Add(new ReplyRecord(entity, CommandId.New(now, _random), ReplyKind.Accepted, _payload.AsMemory(0, 20)));
            }
            return [.. shards.Select(shard =>
            {
                long expected = _offsets[shard.Key.Value];
                _offsets[shard.Key.Value] += shard.Value.Events.Count;
                return new ShardAppend(shard.Key, Fence, expected, shard.Value.Events, shard.Value.Replies, [], []);
            })];
        }
    }
}
