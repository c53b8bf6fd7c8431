using ActorGrid.Persistence;

namespace ActorGrid.Conformance;

/// <summary>Events below a snapshot are removed by the owner only, as far as nobody needs them; what was removed is told, and nothing else may be missing.</summary>
public abstract class RetentionConformance : StoreConformance
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly CursorKey Totals = new("totals", Shard);

    /// <summary>Later than any event here.</summary>
    private const long Late = 1_800_000_000_000;

    [SkippableFact]
    public async Task Events_below_the_snapshot_are_removed_and_all_else_stays_as_it_was()
    {
        await WriteAsync(Alice, 10);
        await SaveAsync(Alice, 8);
        Assert.Equal(Removed(7), await RemoveAsync(Alice, 8));
        foreach (bool isReopened in new[] { false, true })
        {
            if (isReopened) await ReopenAsync();
            await AssertHistoryAsync(Alice, removedTo: 7, last: 10);
            var recovery = await ReadAsync(Alice);
            Assert.Equal((8, 7, false), (recovery.Snapshot!.Sequence, recovery.RemovedTo, recovery.HasMore));
            AssertSame(Events(Alice, 9, 2), recovery.Events);
            var shard = await Journal.ReadShardAsync(Shard, 0, 100, None);
            AssertSame(Events(Alice, 8, 3), shard.Events);
            Assert.Equal([8L, 9, 10], shard.Events.Select(e => e.Offset));
            Assert.Equal(7, shard.RemovedTo);
            Assert.Equal(["alice"], await Journal.ListEntitiesAsync("account", null, 10, None));
            Assert.Equal(["account"], await Journal.ListEntityTypesAsync(None));
            Assert.Equal(10, (await RaiseAsync(Shard, First)).LastOffset);
        }
        await CommitAsync(New(10) with { Events = Events(Alice, 11, 1) });
        await AssertHistoryAsync(Alice, removedTo: 7, last: 11);
    }

    [SkippableFact]
    public async Task The_event_of_the_snapshot_stays()
    {
        await WriteAsync(Alice, 3);
        await SaveAsync(Alice, 1);
        Assert.Equal(Removed(0), await RemoveAsync(Alice, 1));
        await SaveAsync(Alice, 3);
        Assert.Equal(Removed(2), await RemoveAsync(Alice, 3));
        await AssertHistoryAsync(Alice, removedTo: 2, last: 3);
        // Also where it is the only event that is left of all.
        await ReopenAsync();
        await CommitAsync(New(3) with { Events = [.. Events(Alice, 4, 1), .. Events(Bob, 1, 1)] });
        await AssertHistoryAsync(Alice, removedTo: 2, last: 4);
    }

    [SkippableFact]
    public async Task Only_the_owner_removes()
    {
        await WriteAsync(Alice, 5);
        await SaveAsync(Alice, 5);
        Assert.Equal(RemovalStatus.Fenced, (await RemoveAsync(Of(Alice, 5) with { Fence = First with { Owner = OwnerB } })).Status);
        Assert.Equal(RemovalStatus.Fenced, (await RemoveAsync(Of(Alice, 5) with { Fence = new Fence(new Epoch(1, 1), OwnerA) })).Status);
        Assert.Equal(RemovalStatus.Fenced, (await RemoveAsync(Of(Alice, 5) with { Shard = OtherShard })).Status);
        var next = new Fence(new Epoch(2, 0), OwnerB);
        await RaiseAsync(Shard, next);
        Assert.Equal(RemovalStatus.Fenced, (await RemoveAsync(Of(Alice, 5))).Status);
        await AssertHistoryAsync(Alice, removedTo: 0, last: 5);
        Assert.Equal(Removed(4), await RemoveAsync(Of(Alice, 5) with { Fence = next }));
    }

    [SkippableFact]
    public async Task Only_below_the_snapshot_that_is_stored()
    {
        await WriteAsync(Alice, 9);
        Assert.Equal(RemovalStatus.NoSuchSnapshot, (await RemoveAsync(Alice, 9)).Status);
        Assert.Equal(RemovalStatus.NoSuchSnapshot, (await RemoveAsync(Bob, 1)).Status);
        await SaveAsync(Alice, 5);
        foreach (long other in new[] { 4, 6, 9, 10 }) Assert.Equal(RemovalStatus.NoSuchSnapshot, (await RemoveAsync(Alice, other)).Status);
        await SaveAsync(Alice, 7);
        Assert.Equal(RemovalStatus.NoSuchSnapshot, (await RemoveAsync(Alice, 5)).Status);
        await AssertHistoryAsync(Alice, removedTo: 0, last: 9);
    }

    [SkippableFact]
    public async Task Removal_stops_at_the_first_event_that_is_too_young()
    {
        await RaiseAsync(Shard, First);
        long[] times = [10, 20, 15, 40, 5, 6, 50];
        await CommitAsync(New(0) with { Events = [.. times.Select((at, i) => Event(Alice, i + 1) with { AtUnixMs = at })] });
        await SaveAsync(Alice, 7);
        Assert.Equal(Removed(0), await RemoveAsync(Of(Alice, 7) with { BeforeUnixMs = 10 }));
        Assert.Equal(Removed(1), await RemoveAsync(Of(Alice, 7) with { BeforeUnixMs = 11 }));
        Assert.Equal(Removed(2), await RemoveAsync(Of(Alice, 7) with { BeforeUnixMs = 40 }));
        // What stands behind a young one stays with it, however old it is.
        Assert.Equal(Removed(0), await RemoveAsync(Of(Alice, 7) with { BeforeUnixMs = 30 }));
        Assert.Equal(Removed(3), await RemoveAsync(Of(Alice, 7) with { BeforeUnixMs = long.MaxValue }));
        Assert.Equal(6, (await ReadAsync(Alice)).RemovedTo);
    }

    [SkippableFact]
    public async Task What_a_subscription_is_not_done_with_stays()
    {
        await WriteAsync(Alice, 9);
        await SaveAsync(Alice, 9);
        await MoveAsync(Totals, 1, 3);
        await MoveAsync(Totals with { Name = "mails" }, 1, 6);
        await MoveAsync(Totals with { Shard = OtherShard }, 1, 0);
        Assert.Equal(Removed(3), await RemoveAsync(Alice, 9));
        await MoveAsync(Totals, 2, 7);
        Assert.Equal(Removed(3), await RemoveAsync(Alice, 9));
        await MoveAsync(Totals with { Name = "mails" }, 2, 9);
        Assert.Equal(Removed(1), await RemoveAsync(Alice, 9));
        await AssertHistoryAsync(Alice, removedTo: 7, last: 9);
    }

    [SkippableFact]
    public async Task A_subscription_that_has_not_begun_in_the_shard_keeps_everything()
    {
        await WriteAsync(Alice, 9);
        await SaveAsync(Alice, 9);
        await MoveAsync(Totals, 1, 9);
        await MoveAsync(new CursorKey("mails", OtherShard), 1, 9);
        Assert.Equal(Removed(0), await RemoveAsync(Of(Alice, 9), "totals", "mails"));
        await MoveAsync(new CursorKey("mails", Shard), 1, 2);
        Assert.Equal(Removed(2), await RemoveAsync(Of(Alice, 9), "totals", "mails"));
        Assert.Equal(Removed(0), await RemoveAsync(Of(Alice, 9), "totals"));
    }

    [SkippableFact]
    public async Task A_call_removes_so_many_and_says_whether_there_are_more()
    {
        await WriteAsync(Alice, 9);
        await SaveAsync(Alice, 8);
        Assert.Equal(new RemovalOutcome(RemovalStatus.Removed, 3, HasMore: true), await RemoveAsync(Of(Alice, 8) with { EventsMax = 3 }));
        await AssertHistoryAsync(Alice, removedTo: 3, last: 9);
        Assert.Equal(new RemovalOutcome(RemovalStatus.Removed, 3, HasMore: true), await RemoveAsync(Of(Alice, 8) with { EventsMax = 3 }));
        // The next is there, and too young.
        Assert.Equal(Removed(0), await RemoveAsync(Of(Alice, 8) with { EventsMax = 3, BeforeUnixMs = 0 }));
        Assert.Equal(Removed(1), await RemoveAsync(Of(Alice, 8) with { EventsMax = 1 }));
        Assert.Equal(Removed(0), await RemoveAsync(Of(Alice, 8) with { EventsMax = int.MaxValue }));
        await AssertHistoryAsync(Alice, removedTo: 7, last: 9);
    }

    [SkippableFact]
    public async Task Several_entities_are_judged_apart_and_the_shard_has_gaps_where_they_were()
    {
        var carol = EntityId.Create("account", "carol");
        await RaiseAsync(Shard, First);
        for (int i = 0; i < 10; i++) await CommitAsync(New(i * 3) with { Events = [Event(Alice, i + 1), Event(Bob, i + 1), Event(carol, i + 1)] });
        await SaveAsync(Alice, 6);
        await SaveAsync(Bob, 10);
        var outcomes = await Journal.RemoveEventsAsync([Of(Bob, 10), Of(carol, 3), Of(Alice, 6) with { EventsMax = 2 }, Of(EntityId.Create("x", "y"), 1)], [], None);
        Assert.Equal([Removed(9), new(RemovalStatus.NoSuchSnapshot), new(RemovalStatus.Removed, 2, HasMore: true), new(RemovalStatus.NoSuchSnapshot)], outcomes);
        await AssertHistoryAsync(Alice, removedTo: 2, last: 10);
        await AssertHistoryAsync(Bob, removedTo: 9, last: 10);
        await AssertHistoryAsync(carol, removedTo: 0, last: 10);
        await ReopenAsync();
        var all = new List<StoredEvent>();
        while (await Journal.ReadShardAsync(Shard, all.Count == 0 ? 0 : all[^1].Offset, 4, None) is { Events.Count: > 0 } page)
        {
            Assert.Equal(26, page.RemovedTo);
            all.AddRange(page.Events);
        }
        var left = Enumerable.Range(0, 30).Where(i => (i % 3) switch { 0 => i / 3 >= 2, 1 => i / 3 == 9, _ => true });
        Assert.Equal(left.Select(i => i + 1L), all.Select(e => e.Offset));
        Assert.All(all, e => Assert.Equal(((e.Offset - 1) / 3) + 1, e.Event.Sequence));
    }

    [SkippableFact]
    public async Task A_page_begins_after_what_was_removed()
    {
        await WriteAsync(Alice, 9);
        await SaveAsync(Alice, 6);
        await RemoveAsync(Of(Alice, 6) with { EventsMax = 4 });
        foreach (long after in new[] { 0L, 3, 4 })
        {
            var page = await ReadAsync(Alice, after, 2);
            AssertSame(Events(Alice, 5, 2), page.Events);
            Assert.Equal((4, true, null), (page.RemovedTo, page.HasMore, page.Snapshot));
        }
        var later = await ReadAsync(Alice, 7, 2);
        AssertSame(Events(Alice, 8, 2), later.Events);
        Assert.Equal((4, false), (later.RemovedTo, later.HasMore));
        Assert.Empty((await ReadAsync(Alice, 9)).Events);
        Assert.Equal(0, (await ReadAsync(Bob, 0)).RemovedTo);
    }

    [SkippableFact]
    public async Task A_newer_snapshot_keeps_what_is_known_of_removed_events_and_none_rests_on_them()
    {
        await WriteAsync(Alice, 9);
        await SaveAsync(Alice, 4);
        await RemoveAsync(Alice, 4);
        Assert.Equal(SnapshotOutcome.NoSuchEvent, await TrySaveAsync(Alice, 2));
        await SaveAsync(Alice, 7);
        Assert.Equal((7, 3), ((await ReadAsync(Alice)).Snapshot!.Sequence, (await ReadAsync(Alice)).RemovedTo));
        await AssertHistoryAsync(Alice, removedTo: 3, last: 9);
        Assert.Equal(Removed(3), await RemoveAsync(Alice, 7));
        await ReopenAsync();
        await AssertHistoryAsync(Alice, removedTo: 6, last: 9);
    }

    [SkippableFact]
    public async Task Replies_timers_and_attachments_stay()
    {
        var command = Command(1000);
        await RaiseAsync(Shard, First);
        await CommitAsync(New(0) with
        {
            Events = Events(Alice, 1, 5),
            Replies = [Reply(Alice, command)],
            Timers = [Set(Timer(Alice, "t", 7))],
            Attachments = [new AttachmentChange(Alice, "a", Bytes("x"))],
        });
        await SaveAsync(Alice, 5);
        Assert.Equal(Removed(4), await RemoveAsync(Alice, 5));
        Assert.NotNull(await FindReplyAsync(Alice, command));
        Assert.Single(await Journal.ReadTimersAsync(Shard, null, 10, None));
        Assert.NotNull(await Journal.ReadAttachmentAsync(Alice, "a", None));
        Assert.Equal(AppendStatus.Refused, (await AppendAsync(New(5) with { Events = Events(Alice, 5, 1) })).Status);
    }

    [SkippableFact]
    public async Task Events_that_lie_in_another_shard_stay()
    {
        await WriteAsync(Alice, 3);
        await SaveAsync(Alice, 3);
        await RaiseAsync(OtherShard, First);
        await CommitAsync(New(0) with { Shard = OtherShard, Events = Events(Bob, 1, 5) });
        Assert.Equal(Removed(0), await RemoveAsync(Of(Alice, 3) with { Shard = OtherShard }));
        await AssertHistoryAsync(Alice, removedTo: 0, last: 3);
        Assert.Equal(5, (await Journal.ReadShardAsync(OtherShard, 0, 10, None)).Events.Count);
    }

    [SkippableFact]
    public async Task What_cannot_be_meant_is_refused_and_nothing_is_removed()
    {
        await WriteAsync(Alice, 5);
        await SaveAsync(Alice, 5);
        var good = Of(Alice, 5);
        foreach (var bad in new[] { good, Of(Bob, 0), Of(Bob, 1) with { EventsMax = 0 }, Of(Bob, 1) with { Shard = new ShardId(-1) } })
        {
            await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Journal.RemoveEventsAsync([good, bad], [], None));
        }
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Journal.RemoveEventsAsync([good], ["No Name"], None));
        Assert.Empty(await Journal.RemoveEventsAsync([], ["totals"], None));
        await AssertHistoryAsync(Alice, removedTo: 0, last: 5);
    }

    [SkippableFact]
    public async Task Beside_appends_snapshots_and_readers_nothing_is_lost_and_no_reader_meets_a_gap()
    {
        const int Last = 600;
        await RaiseAsync(Shard, First);
        await CommitAsync(New(0) with { Events = [Event(Alice, 1), Event(Bob, 1)] });
        long written = 1;
        bool isOver = false;
        var reading = Task.WhenAll(Enumerable.Range(0, 3).Select(i => Task.Run(() => i < 2 ? ReadAllAsync() : ReadShardAsync())));
        var removing = Task.Run(RemoveAllAsync);
        var saving = Task.Run(SaveAllAsync);
        for (int i = 2; i <= Last; i++)
        {
            await CommitAsync(New((i - 1) * 2) with { Events = [Event(Alice, i), Event(Bob, i)] });
            Volatile.Write(ref written, i);
        }
        await saving.WaitAsync(Patience);
        Volatile.Write(ref isOver, true);
        await removing.WaitAsync(Patience);
        await reading.WaitAsync(Patience);
        long removed = (await ReadAsync(Alice)).RemovedTo;
        Assert.InRange(removed, 1, Last - 1);
        await AssertHistoryAsync(Alice, removed, Last);
        await AssertHistoryAsync(Bob, removedTo: 0, Last);
        Assert.Equal((2 * Last) - removed, (await Journal.ReadShardAsync(Shard, 0, 10_000, None)).Events.Count);

        async Task SaveAllAsync()
        {
            for (long last = 0; last < Last;)
            {
                if (Volatile.Read(ref written) is var now && now == last) await Task.Yield();
                else Assert.Equal(SnapshotOutcome.Saved, await TrySaveAsync(Alice, last = now));
            }
        }

        async Task RemoveAllAsync()
        {
            for (bool isLast = false; !isLast;)
            {
                isLast = Volatile.Read(ref isOver);
                if ((await ReadAsync(Alice)).Snapshot is { } snapshot) await RemoveAsync(Of(Alice, snapshot.Sequence) with { EventsMax = 20 });
            }
        }

        async Task ReadAllAsync()
        {
            while (!Volatile.Read(ref isOver))
            {
                long known = Volatile.Read(ref written), last = 0;
                for (bool hasMore = true; hasMore;)
                {
                    var page = await ReadAsync(Alice, last, 50);
                    last = Math.Max(last, page.RemovedTo);
                    foreach (var e in page.Events) Assert.Equal(++last, e.Event.Sequence);
                    hasMore = page.HasMore;
                }
                Assert.InRange(last, known, Last);
                var recovery = await ReadAsync(Alice);
                if (recovery.Snapshot is { } snapshot) Assert.InRange(recovery.RemovedTo, 0, snapshot.Sequence - 1);
                Assert.Equal(recovery.Snapshot?.Sequence + 1 ?? 1, recovery.Events is [var first, ..] ? first.Event.Sequence : recovery.Snapshot?.Sequence + 1 ?? 1);
            }
        }

        async Task ReadShardAsync()
        {
            while (!Volatile.Read(ref isOver))
            {
                long known = Volatile.Read(ref written) * 2, last = 0;
                while (await Journal.ReadShardAsync(Shard, last, 70, None) is { Events.Count: > 0 } page)
                {
                    foreach (var e in page.Events)
                    {
                        Assert.True(e.Offset == last + 1 || (e.Offset > last && e.Offset - 1 <= page.RemovedTo), $"{e.Offset} follows {last}, and events up to {page.RemovedTo} were removed.");
                        last = e.Offset;
                    }
                }
                Assert.True(last >= known);
            }
        }
    }

    private static EventRemoval Of(EntityId entity, long snapshot) => new(Shard, First, entity, snapshot, Late, 1000);

    private static RemovalOutcome Removed(int count) => new(RemovalStatus.Removed, count);

    private Task<RemovalOutcome> RemoveAsync(EntityId entity, long snapshot) => RemoveAsync(Of(entity, snapshot));

    private async Task<RemovalOutcome> RemoveAsync(EventRemoval removal, params string[] subscriptions) => Assert.Single(await Journal.RemoveEventsAsync([removal], subscriptions, None));

    private async Task SaveAsync(EntityId entity, long sequence) => Assert.Equal(SnapshotOutcome.Saved, await TrySaveAsync(entity, sequence));

    private async Task<SnapshotOutcome> TrySaveAsync(EntityId entity, long sequence) =>
        Assert.Single(await Store.Snapshots.SaveAsync([new SnapshotWrite(Shard, First, new SnapshotRecord(entity, sequence, First.Epoch, 1234, Bytes($"state {sequence}")))], None));

    private async Task MoveAsync(CursorKey key, long version, long offset) =>
        Assert.True(Assert.Single(await Store.Cursors.MoveAsync([new CursorMove(key, new Cursor(version, First.Epoch, offset, offset, 0))], None)));

    private async Task AssertHistoryAsync(EntityId entity, long removedTo, long last)
    {
        var page = await ReadAsync(entity, 0);
        Assert.Equal(removedTo, page.RemovedTo);
        AssertSame(Events(entity, removedTo + 1, (int)(last - removedTo)), page.Events);
    }
}
