using System.Globalization;
using ActorGrid.Persistence;

namespace ActorGrid.Sqlite.Tests;

/// <summary>Several stores over one file, in any order of writing and reading: what one has acknowledged all others see from then on, and nothing that one
/// remembers of what another has changed since is ever used.</summary>
public sealed class SharedHistoryTests
{
    private const int Stores = 3, Entities = 3;

    private sealed record Known(Fence Fence, List<(EntityId Entity, long Sequence)> Events);

    [Theory]
    [InlineData(4096)]
    [InlineData(1)]
    public async Task A_store_that_gets_a_shard_back_goes_on_from_what_others_have_written_meanwhile(int runsMax)
    {
        await using var file = new SharedFile { RunsMax = runsMax };
        SqliteStore one = await file.OpenAsync(), other = await file.OpenAsync();
        for (int term = 1; term <= 6; term++)
        {
            var store = term % 2 == 1 ? one : other;
            var fence = new Fence(new Epoch(term, 0), TestGrid.First.Owner);
            var raised = (await store.Journal.RaiseFencesAsync([new FenceRaise(TestGrid.Shard, fence)], default))[0];
            Assert.Equal((true, term - 1), (raised.Raised, raised.LastOffset));
            // The number that would come next after what this store wrote last.
            if (term > 2) Assert.Equal(AppendStatus.Refused, await AppendAsync(store, term - 1));
            Assert.Equal(AppendStatus.Committed, await AppendAsync(store, term));
            Assert.Equal(term, await TestGrid.CountAsync(one));
            Assert.Equal(term, await TestGrid.CountAsync(other));

            async Task<AppendStatus> AppendAsync(SqliteStore store, long sequence) => (await store.Journal.AppendAsync(
                [new ShardAppend(TestGrid.Shard, fence, term - 1, [new JournalEvent(TestGrid.Alice, sequence, "taken", 1, new byte[1])], [], [], [])], default))[0].Status;
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 20)]
    [InlineData(3, 20)]
    [InlineData(4, 150)]
    [InlineData(5, 4096)]
    [InlineData(6, 4096)]
    public async Task What_one_store_has_written_all_others_know(int seed, int runsMax)
    {
        await using var file = new SharedFile { RunsMax = runsMax };
        var stores = new SqliteStore[Stores];
        for (int i = 0; i < Stores; i++) stores[i] = await file.OpenAsync();
        var random = new Random(seed);
        var model = Enumerable.Range(0, TestGrid.Identity.ShardCount).Select(_ => new Known(default, [])).ToArray();
        for (int step = 0; step < 300; step++)
        {
            var shard = new ShardId(random.Next(model.Length));
            var store = stores[random.Next(Stores)];
            var known = model[shard.Value];
            switch (random.Next(10))
            {
                case 0:
                    var fence = new Fence(new Epoch(known.Fence.Epoch.Term + 1, 0), new Guid(step + 1, 0, 0, new byte[8]));
                    var raised = (await store.Journal.RaiseFencesAsync([new FenceRaise(shard, fence)], default))[0];
                    Assert.Equal((true, known.Events.Count), (raised.Raised, raised.LastOffset));
                    model[shard.Value] = known with { Fence = fence };
                    break;
                case 1 when random.Next(4) == 0:
                    // A sequence number that was used, or one too many: known as wrong by a store that has never written the entity, too.
                    var wrong = Next(known, shard, 1, random);
                    wrong[0] = wrong[0] with { Sequence = wrong[0].Sequence + (random.Next(2) == 0 && wrong[0].Sequence > 1 ? -1 : 1) };
                    Assert.Equal(known.Fence == default ? AppendStatus.Fenced : AppendStatus.Refused, await AppendAsync(store, shard, known, wrong));
                    break;
                case 2:
                    var late = known with { Fence = known.Fence with { Epoch = new Epoch(known.Fence.Epoch.Term, 1) } };
                    Assert.Equal(AppendStatus.Fenced, await AppendAsync(store, shard, late, Next(known, shard, 2, random)));
                    break;
                case 3 when known.Events.Count > 0:
                    var (entity, sequence) = known.Events[random.Next(known.Events.Count)];
                    var snapshot = new SnapshotWrite(shard, known.Fence, new SnapshotRecord(entity, sequence, new Epoch(99, 0), 1, new byte[1]));
                    Assert.Equal(SnapshotOutcome.NoSuchEvent, (await store.Snapshots.SaveAsync([snapshot], default))[0]);
                    break;
                case < 7:
                    var events = Next(known, shard, random.Next(1, 8), random);
                    if (known.Fence == default) break;
                    Assert.Equal(AppendStatus.Committed, await AppendAsync(store, shard, known, events));
                    known.Events.AddRange(events.Select(e => (e.Entity, e.Sequence)));
                    break;
                default:
                    await CheckAsync(store, shard, known);
                    break;
            }
        }
        foreach (var store in stores)
        {
            for (int shard = 0; shard < model.Length; shard++) await CheckAsync(store, new ShardId(shard), model[shard]);
        }
    }

    private static async Task CheckAsync(SqliteStore store, ShardId shard, Known known)
    {
        var events = (await store.Journal.ReadShardAsync(shard, 0, int.MaxValue, default)).Events;
        Assert.Equal(known.Events, events.Select(e => (e.Event.Entity, e.Event.Sequence)));
        Assert.Equal(Enumerable.Range(1, events.Count).Select(i => (long)i), events.Select(e => e.Offset));
        var entity = EntityOf(shard, events.Count % Entities);
        var page = (await store.Journal.ReadEntitiesAsync([new EntityRead(entity, 0, int.MaxValue)], default))[0];
        Assert.Equal(known.Events.Where(e => e.Entity == entity).Select(e => e.Sequence), page.Events.Select(e => e.Event.Sequence));
    }

    private static async Task<AppendStatus> AppendAsync(SqliteStore store, ShardId shard, Known known, JournalEvent[] events) =>
        (await store.Journal.AppendAsync([new ShardAppend(shard, known.Fence, known.Events.Count, events, [], [], [])], default))[0].Status;

    private static JournalEvent[] Next(Known known, ShardId shard, int count, Random random)
    {
        var sequences = known.Events.GroupBy(e => e.Entity).ToDictionary(group => group.Key, group => group.Last().Sequence);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var entity = EntityOf(shard, random.Next(Entities));
            return new JournalEvent(entity, sequences[entity] = sequences.GetValueOrDefault(entity) + 1, "counted", 1, new byte[10]);
        })];
    }

    private static EntityId EntityOf(ShardId shard, int entity) =>
        EntityId.Create("shared", string.Create(CultureInfo.InvariantCulture, $"{shard.Value}-{entity}"));
}
