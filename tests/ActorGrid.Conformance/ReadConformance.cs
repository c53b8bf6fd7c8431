using ActorGrid.Persistence;

namespace ActorGrid.Conformance;

/// <summary>What is read back: histories of entities and of shards in pages, lists of entities.</summary>
public abstract class ReadConformance : StoreConformance
{
    [SkippableFact]
    public async Task An_entity_is_read_in_pages_that_say_whether_there_is_more()
    {
        await WriteAsync(Alice, 25);
        var all = Events(Alice, 1, 25);
        var first = await ReadAsync(Alice, max: 10);
        AssertSame(all[..10], first.Events);
        Assert.True(first.HasMore);
        var second = await ReadAsync(Alice, 10, 10);
        AssertSame(all[10..20], second.Events);
        Assert.True(second.HasMore);
        var last = await ReadAsync(Alice, 20, 5);
        AssertSame(all[20..], last.Events);
        Assert.False(last.HasMore);
        var beyond = await ReadAsync(Alice, 25, 10);
        Assert.Empty(beyond.Events);
        Assert.False(beyond.HasMore);
        Assert.Empty((await ReadAsync(Alice, 1000, 10)).Events);
    }

    [SkippableFact]
    public async Task The_first_page_begins_at_the_snapshot_and_later_pages_leave_it_out()
    {
        await WriteAsync(Alice, 10);
        var snapshot = new SnapshotRecord(Alice, 6, First.Epoch, 5, Bytes("state"));
        await Store.Snapshots.SaveAsync([new SnapshotWrite(Shard, First, snapshot)], None);
        var page = await ReadAsync(Alice, max: 2);
        Assert.Equal(Show(snapshot), Show(page.Snapshot));
        AssertSame(Events(Alice, 7, 2), page.Events);
        Assert.True(page.HasMore);
        var all = await ReadAsync(Alice, 0);
        Assert.Null(all.Snapshot);
        AssertSame(Events(Alice, 1, 10), all.Events);
    }

    [SkippableFact]
    public async Task Several_entities_are_read_in_one_call_in_the_order_asked()
    {
        await RaiseAsync(Shard, First);
        var many = Enumerable.Range(0, 50).Select(i => EntityId.Create("e", $"k{i}")).ToArray();
        for (int round = 0; round < 3; round++)
        {
            await CommitAsync(New(round * 50) with { Events = [.. many.Select(entity => Event(entity, round + 1))] });
        }
        var unknown = EntityId.Create("e", "never written");
        EntityRead[] reads = [new(unknown, null, 10), .. many.Reverse().Select(entity => new EntityRead(entity, 1, 1)), new(unknown, 3, 10)];
        var pages = await Journal.ReadEntitiesAsync(reads, None);
        Assert.Equal(reads.Select(read => read.Entity), pages.Select(page => page.Entity));
        Assert.All(pages.Skip(1).Take(50), page => AssertSame([Event(page.Entity, 2)], page.Events));
        Assert.All(pages.Skip(1).Take(50), page => Assert.True(page.HasMore));
        Assert.All([pages[0], pages[^1]], page => Assert.True(page is { Snapshot: null, Events.Count: 0, HasMore: false }));
        Assert.Empty(await Journal.ReadEntitiesAsync([], None));
    }

    [SkippableFact]
    public async Task A_shard_is_read_in_pages_in_the_order_of_its_offsets()
    {
        await RaiseAsync(Shard, First);
        await RaiseAsync(OtherShard, First);
        for (int i = 0; i < 7; i++)
        {
            await CommitAsync(New(i * 2) with { Events = [Event(Alice, i + 1), Event(Bob, i + 1)] });
            await CommitAsync(New(i) with { Shard = OtherShard, Events = Events(EntityId.Create("e", "x"), i + 1, 1) });
        }
        var read = new List<StoredEvent>();
        while ((await Journal.ReadShardAsync(Shard, read.Count, 3, None)).Events is { Count: > 0 } page) read.AddRange(page);
        Assert.Equal(Enumerable.Range(1, 14).Select(i => (long)i), read.Select(e => e.Offset));
        AssertSame(Enumerable.Range(1, 7).SelectMany(i => new[] { Event(Alice, i), Event(Bob, i) }), read);
        Assert.Equal(7, (await Journal.ReadShardAsync(OtherShard, 0, 100, None)).Events.Count);
        Assert.Empty((await Journal.ReadShardAsync(new ShardId(0), 0, 100, None)).Events);
        Assert.Empty((await Journal.ReadShardAsync(Shard, 99, 100, None)).Events);
    }

    [SkippableFact]
    public async Task Entities_are_listed_by_type_in_the_order_of_their_UTF8_bytes_if_they_have_events()
    {
        await RaiseAsync(Shard, First);
        // U+FF5E is before U+1F600 in UTF-8, behind it in UTF-16.
        string[] keys = ["A", "Z", "a", "a b", "a'b", "aa", "ä", "\uFF5E", "\U0001F600", "\U0001F600b"];
        await CommitAsync(New(0) with
        {
            Events = [.. keys.Reverse().Select(key => Event(EntityId.Create("t", key), 1)), Event(EntityId.Create("u", "b"), 1)],
            Replies = [Reply(EntityId.Create("t", "only-a-reply"), Command(1))],
        });
        Assert.Equal(keys, await Journal.ListEntitiesAsync("t", null, 100, None));
        Assert.Equal(keys[..3], await Journal.ListEntitiesAsync("t", null, 3, None));
        for (int i = 0; i < keys.Length; i++) Assert.Equal(keys[(i + 1)..], await Journal.ListEntitiesAsync("t", keys[i], 100, None));
        Assert.Equal(keys[2..], await Journal.ListEntitiesAsync("t", "_", 100, None));
        Assert.Empty(await Journal.ListEntitiesAsync("v", null, 100, None));
        // It counts from its first event on.
        await CommitAsync(New(keys.Length + 1) with { Events = [Event(EntityId.Create("t", "only-a-reply"), 1)] });
        Assert.Contains("only-a-reply", await Journal.ListEntitiesAsync("t", null, 100, None));
    }

    [SkippableFact]
    public async Task Entity_types_are_listed_in_order_if_one_of_their_entities_has_events()
    {
        Assert.Empty(await Journal.ListEntityTypesAsync(None));
        await RaiseAsync(Shard, First);
        await RaiseAsync(OtherShard, First);
        string[] types = ["-", "a", "a-b", "a.b", "ab", "b", "z_"];
        await CommitAsync(New(0) with
        {
            Events = [.. types.Reverse().SelectMany(type => new[] { Event(EntityId.Create(type, "2"), 1), Event(EntityId.Create(type, "1"), 1), Event(EntityId.Create(type, "1"), 2) })],
            Replies = [Reply(EntityId.Create("only-a-reply", "1"), Command(1))],
        });
        await CommitAsync(New(0) with { Shard = OtherShard, Events = [Event(EntityId.Create("b", "0"), 1)] });
        Assert.Equal(types, await Journal.ListEntityTypesAsync(None));
        await ReopenAsync();
        Assert.Equal(types, await Journal.ListEntityTypesAsync(None));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Journal.ListEntityTypesAsync(new CancellationToken(canceled: true)));
    }

    [SkippableFact]
    public async Task Unusual_keys_are_kept_apart_and_come_back_as_they_were()
    {
        await RaiseAsync(Shard, First);
        string[] keys =
        [
            "'; DROP TABLE event; --", "\"quoted\"", "%", "_", "a/b", "é", "e\u0301", "\U0001F468\u200D\U0001F469", " ", "İ", "i",
            new string('k', 256), new string('\u20AC', 256),
        ];
        var entities = keys.SelectMany(key => new[] { EntityId.Create("t", key), EntityId.Create("t.2", key) }).ToArray();
        await CommitAsync(New(0) with
        {
            Events = [.. entities.Select(entity => Event(entity, 1))],
            Timers = [.. entities.Select((entity, i) => Set(Timer(entity, "'n\u00FC", i)))],
            Attachments = [.. entities.Select(entity => new AttachmentChange(entity, "'n\u00FC", Bytes(entity.Key)))],
            Replies = [.. entities.Select(entity => Reply(entity, Command(1), entity.Key))],
        });
        await ReopenAsync();
        foreach (var entity in entities)
        {
            AssertSame([Event(entity, 1)], (await ReadAsync(entity)).Events);
            Assert.Equal(Bytes(entity.Key), (await Journal.ReadAttachmentAsync(entity, "'n\u00FC", None))!.Value.ToArray());
            Assert.Equal(Show(Reply(entity, Command(1), entity.Key)), Show(await FindReplyAsync(entity, Command(1))));
        }
        Assert.Equal(entities, (await Journal.ReadTimersAsync(Shard, null, 100, None)).Select(timer => timer.Entity));
        AssertSame(entities.Select(entity => Event(entity, 1)), (await Journal.ReadShardAsync(Shard, 0, 100, None)).Events);
    }

    [SkippableFact]
    public async Task Bounds_below_one_and_shards_of_no_grid_are_errors()
    {
        await Assert.ThrowsAnyAsync<ArgumentException>(() => ReadAsync(Alice, max: 0));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => ReadAsync(Alice, after: -1));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Journal.ReadShardAsync(Shard, 0, 0, None));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Journal.ReadShardAsync(Shard, -1, 1, None));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Journal.ReadShardAsync(new ShardId(GridIdentity.ShardCountMax), 0, 1, None));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Journal.ReadTimersAsync(Shard, null, 0, None));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Journal.ListEntitiesAsync("t", null, 0, None));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Journal.ForgetRepliesAsync(1, 0, None));
    }

    [SkippableFact]
    public async Task Cancelled_reads_end_as_cancelled()
    {
        var cancelled = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Journal.ReadFencesAsync(cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Journal.ReadEntitiesAsync([new EntityRead(Alice, null, 1)], cancelled));
    }
}
