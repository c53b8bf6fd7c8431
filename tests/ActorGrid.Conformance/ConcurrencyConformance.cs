using System.Collections.Concurrent;
using ActorGrid.Persistence;

namespace ActorGrid.Conformance;

/// <summary>Many callers at once: no gap, no loss, no write past a raised fence.</summary>
public abstract class ConcurrencyConformance : StoreConformance
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [SkippableFact]
    public async Task Writers_of_several_shards_leave_offsets_without_gaps()
    {
        await Journal.RaiseFencesAsync([.. Enumerable.Range(0, 8).Select(i => new FenceRaise(new ShardId(i), First))], None);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(shard => Task.Run(() => WriteShardAsync(new ShardId(shard))))).WaitAsync(Patience);
        for (int shard = 0; shard < 8; shard++)
        {
            var events = (await Journal.ReadShardAsync(new ShardId(shard), 0, 1000, None)).Events;
            Assert.Equal(Enumerable.Range(1, 200).Select(i => (long)i), events.Select(e => e.Offset));
        }

        async Task WriteShardAsync(ShardId shard)
        {
            for (int i = 0; i < 100; i++)
            {
                EntityId even = EntityId.Create("e", $"{shard.Value}-even"), odd = EntityId.Create("e", $"{shard.Value}-odd");
                await CommitAsync(New(i * 2) with { Shard = shard, Events = [Event(even, i + 1), Event(odd, i + 1)] });
            }
        }
    }

    [SkippableFact]
    public async Task Two_writers_with_the_same_expectation_cannot_both_commit()
    {
        await RaiseAsync(Shard, First);
        for (int i = 0; i < 50; i++)
        {
            var outcomes = await Task.WhenAll(Enumerable.Range(0, 4).Select(
                _ => Task.Run(() => AppendAsync(New(i) with { Events = Events(Alice, i + 1, 1) })))).WaitAsync(Patience);
            Assert.Single(outcomes, outcome => outcome.Status == AppendStatus.Committed);
            Assert.Equal(3, outcomes.Count(outcome => outcome.Status == AppendStatus.Fenced));
        }
    }

    [SkippableFact]
    public async Task Nothing_is_committed_after_a_raise_that_the_read_after_it_does_not_see()
    {
        await RaiseAsync(Shard, First);
        var fence = First;
        for (int round = 0; round < 25; round++)
        {
            long offset = (await RaiseAsync(Shard, fence)).LastOffset;
            var committed = new ConcurrentBag<long>();
            var writer = Task.Run(() => AppendUntilFencedAsync(fence, offset, committed));
            var next = new Fence(new Epoch(fence.Epoch.Term + 1, 0), round % 2 == 0 ? OwnerB : OwnerA);
            while ((await ReadAsync(Alice, offset, 1)).Events.Count == 0 && !writer.IsCompleted) await Task.Yield();
            var raised = await RaiseAsync(Shard, next);
            var seen = (await Journal.ReadShardAsync(Shard, offset, int.MaxValue, None)).Events;
            await writer.WaitAsync(Patience);
            Assert.Equal(raised.LastOffset - offset, seen.Count);
            Assert.All(committed, o => Assert.InRange(o, offset + 1, raised.LastOffset));
            Assert.Equal(seen.Count, committed.Distinct().Count());
            Assert.Empty((await Journal.ReadShardAsync(Shard, raised.LastOffset, 1, None)).Events);
            fence = next;
        }
    }

    [SkippableFact]
    public async Task Readers_beside_a_writer_see_histories_without_gaps()
    {
        await RaiseAsync(Shard, First);
        var writer = Task.Run(async () =>
        {
            for (int i = 0; i < 150; i++) await CommitAsync(New(i * 20) with { Events = [.. Events(Alice, (i * 10) + 1, 10), .. Events(Bob, (i * 10) + 1, 10)] });
        });
        long seen = 0;
        while (!writer.IsCompleted || seen < 1500)
        {
            var page = await ReadAsync(Alice, 0, 10_000).WaitAsync(Patience);
            Assert.Equal(Enumerable.Range(1, page.Events.Count).Select(i => (long)i), page.Events.Select(e => e.Event.Sequence));
            Assert.True(page.Events.Count >= seen && page.Events.Count % 10 == 0);
            seen = page.Events.Count;
            var shard = (await Journal.ReadShardAsync(Shard, 0, 10_000, None)).Events;
            Assert.Equal(Enumerable.Range(1, shard.Count).Select(i => (long)i), shard.Select(e => e.Offset));
            if (writer.IsFaulted) await writer;
        }
        await writer;
    }

    private async Task AppendUntilFencedAsync(Fence fence, long offset, ConcurrentBag<long> committed)
    {
        while (true)
        {
            var outcome = await AppendAsync(New(offset) with { Fence = fence, Events = Events(Alice, offset + 1, 1) });
            if (outcome.Status == AppendStatus.Fenced) return;
            Assert.Equal(AppendStatus.Committed, outcome.Status);
            committed.Add(++offset);
        }
    }
}
