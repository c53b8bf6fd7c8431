using ActorGrid.Persistence;

namespace ActorGrid.Conformance;

/// <summary>Random operations give the same results on the store under test as on the one in memory.</summary>
public abstract class ModelConformance : StoreConformance
{
    private static readonly EntityId[] Entities = [.. Enumerable.Range(0, 12).Select(i => EntityId.Create(i % 2 == 0 ? "even" : "odd", $"k\u00E9{i}"))];
    private static readonly Fence[] Fences = [.. from term in new[] { 1L, 2 } from gen in new[] { 0, 1 } from owner in new[] { OwnerA, OwnerB } select new Fence(new Epoch(term, gen), owner)];

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task It_behaves_as_the_store_in_memory_does(int seed)
    {
        await using var model = new InMemoryStore();
        await model.OpenAsync(Grid, None);
        var random = new Random(seed);
        for (int step = 0; step < 600; step++)
        {
            if (random.Next(100) == 0) await ReopenAsync();
            var operation = Draw(random, step);
            string expected = await operation.Run(model), actual = await operation.Run(Store);
            Assert.True(string.Equals(expected, actual, StringComparison.Ordinal), $"seed {seed}, step {step}, {operation.Name}:\n{expected}\nwas expected, but came\n{actual}");
        }
    }

    private static (string Name, Func<IGridStore, Task<string>> Run) Draw(Random random, int step)
    {
        var shard = new ShardId(random.Next(3));
        var entity = Entities[random.Next(4) + (shard.Value * 4)];
        var fence = Fences[random.Next(Math.Min(Fences.Length, 1 + (step / 60)))];
        int max = random.Next(1, 8);
        long number = random.Next(30);
        int noise = random.Next(12);
        int seed = random.Next();
        return random.Next(15) switch
        {
            0 => ("raise", async store => Text(await store.Journal.RaiseFencesAsync([new FenceRaise(shard, fence)], None), o => $"{o}")),
            1 => ("read fences", async store => Text((await store.Journal.ReadFencesAsync(None)).OrderBy(row => row.Shard), row => $"{row}")),
            2 => ("read entities", async store => Text(
                await store.Journal.ReadEntitiesAsync([new EntityRead(entity, null, max), new EntityRead(entity, number, max)], None),
                page => $"{Show(page.Snapshot)} {Text(page.Events, Show)} {page.HasMore} {page.RemovedTo}")),
            3 => ("read shard", async store => await store.Journal.ReadShardAsync(shard, number, max, None) is var page ? $"{Text(page.Events, Show)} {page.RemovedTo}" : ""),
            4 => ("find reply", async store => Show((await store.Journal.FindReplyAsync(entity, CommandOf(entity, number), None)).Reply)),
            5 => ("forget replies", async store => $"{await store.Journal.ForgetRepliesAsync(number / 2, max, None)}"),
            6 => ("read timers", async store => Text(
                await store.Journal.ReadTimersAsync(shard, number < 10 ? null : new TimerPosition(number % 5, entity, "b"), max, None), Show)),
            7 => ("list", async store => Text(await store.Journal.ListEntitiesAsync(entity.Type, number < 10 ? null : entity.Key, max, None), key => key)),
            8 => ("save", async store => Text(
                await store.Snapshots.SaveAsync([new SnapshotWrite(shard, fence, new SnapshotRecord(entity, number / 2, fence.Epoch, number, Bytes($"s{seed}")))], None), o => $"{o}")),
            9 => ("attachment", async store => (await store.Journal.ReadAttachmentAsync(entity, "a", None)) is { } bytes ? Convert.ToHexString(bytes.Span) : "none"),
            10 => ("list types", async store => Text(await store.Journal.ListEntityTypesAsync(None), type => type)),
            11 => ("remove", store => RemoveAsync(store, shard, entity, fence, max, noise, number)),
            12 when noise < 4 => ("move cursor", store => MoveAsync(store, new CursorKey("totals", shard), number)),
            _ => ("append", store => AppendAsync(store, shard, fence, noise, seed)),
        };
    }

    /// <summary>Appends what mostly fits, by what the store itself says of its shard, and with some noise what does not.</summary>
    private static async Task<string> AppendAsync(IGridStore store, ShardId shard, Fence fence, int noise, int seed)
    {
        var random = new Random(seed);
        var current = (await store.Journal.ReadFencesAsync(None)).FirstOrDefault(row => row.Shard == shard).Fence;
        long offset = (await store.Journal.ReadShardAsync(shard, 0, 10_000, None)).Events is [.., var lastEvent] ? lastEvent.Offset : 0;
        var append = new ShardAppend(shard, noise == 0 ? fence : current, noise == 1 ? offset + 1 : offset, [], [], [], []);
        var events = new List<JournalEvent>();
        var last = new Dictionary<EntityId, long>();
        for (int i = random.Next(5); i > 0; i--)
        {
            var entity = Entities[random.Next(4) + (shard.Value * 4)];
            if (!last.TryGetValue(entity, out long sequence)) sequence = await LastOfAsync(store, entity);
            last[entity] = sequence + 1;
            events.Add(Event(entity, sequence + (noise == 2 ? 2 : 1)));
        }
        var other = Entities[random.Next(4) + (shard.Value * 4)];
        append = append with
        {
            Events = events,
            Replies = random.Next(2) == 0 ? [] : [Reply(other, CommandOf(other, random.Next(30)), $"r{seed}")],
            Timers = random.Next(2) == 0 ? [] : [random.Next(3) == 0 ? new TimerChange(other, "a", null) : Set(Timer(other, random.Next(2) == 0 ? "a" : "c", random.Next(5)))],
            Attachments = random.Next(3) != 0 ? [] : [new AttachmentChange(other, "a", random.Next(3) == 0 ? (ReadOnlyMemory<byte>?)null : Bytes($"a{seed}"))],
        };
        return Text(await store.Journal.AppendAsync([append], None), o => $"{o.Shard} {o.Status} {o.Current} {o.Error?.Message}");
    }

    private static async Task<string> MoveAsync(IGridStore store, CursorKey key, long by)
    {
        var (version, epoch, offset, given, _) = (await store.Cursors.ReadAsync([key], None))[0];
        return Text(await store.Cursors.MoveAsync([new CursorMove(key, new Cursor(version + 1, epoch, offset + by, given + by, 0))], None), o => $"{o}");
    }

    /// <summary>Removes below the snapshot that is stored, under the fence that the shard has, but for some noise.</summary>
    private static async Task<string> RemoveAsync(IGridStore store, ShardId shard, EntityId entity, Fence fence, int max, int noise, long number)
    {
        var current = (await store.Journal.ReadFencesAsync(None)).FirstOrDefault(row => row.Shard == shard).Fence;
        long snapshot = (await store.Journal.ReadEntitiesAsync([new EntityRead(entity, null, 1)], None))[0].Snapshot?.Sequence ?? 1;
        var removal = new EventRemoval(shard, noise == 0 ? fence : current, entity, noise == 1 ? snapshot + 1 : snapshot, Event(entity, number).AtUnixMs, max);
        return Text(await store.Journal.RemoveEventsAsync([removal], noise == 2 ? ["never-begun"] : [], None), o => $"{o}");
    }

    private static async Task<long> LastOfAsync(IGridStore store, EntityId entity) =>
        (await store.Journal.ReadEntitiesAsync([new EntityRead(entity, 0, 10_000)], None))[0].Events is [.., var last] ? last.Event.Sequence : 0;

    /// <summary>Each entity has commands of its own, so that the oldest reply is a definite one.</summary>
    private static CommandId CommandOf(EntityId entity, long issuedAtUnixMs) => Command(issuedAtUnixMs, (ulong)Array.IndexOf(Entities, entity));

    private static string Text<T>(IEnumerable<T> items, Func<T, string> show) => string.Join("; ", items.Select(show));
}
