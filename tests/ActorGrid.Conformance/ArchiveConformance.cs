using ActorGrid.Cluster;
using ActorGrid.Persistence;

namespace ActorGrid.Conformance;

/// <summary>All that a store holds, as rows: what goes in comes out, whichever store it has been in.</summary>
public abstract partial class ArchiveConformance : StoreConformance
{
    protected static readonly EntityId Carol = EntityId.Create("account", "carol \u00e9\U0001F600"), Dora = EntityId.Create("ledger", "dora");

    /// <summary>The view and the leases, where the store has them.</summary>
    protected virtual IClusterStore? Cluster => null;

    [SkippableFact]
    public async Task What_was_never_used_is_a_single_row()
    {
        Assert.Equal([new ArchivedHorizon(0)], await RowsAsync(Store));
        await Store.Archive.WriteAsync(Of([new ArchivedHorizon(0)]));
        Assert.Equal([new ArchivedHorizon(0)], await RowsAsync(Store));
    }

    [SkippableFact]
    public async Task All_rows_come_back_from_other_stores_as_they_were()
    {
        await FillAsync();
        var rows = await RowsAsync(Store);
        Assert.Equal(Enum.GetValues<ArchiveKind>().Except([ArchiveKind.Role, ArchiveKind.EntityType]), rows.Select(row => row.Kind).Distinct());

        await using var memory = new InMemoryStore();
        await memory.OpenAsync(Grid, None);
        await memory.Archive.WriteAsync(Store.Archive.ReadAsync());
        Assert.Equal(rows.Select(Show), (await RowsAsync(memory)).Select(Show));

        await using var database = NewDatabase();
        var other = database.NewStore();
        await other.OpenAsync(Grid, None);
        await other.Archive.WriteAsync(memory.Archive.ReadAsync());
        Assert.Equal(rows.Select(Show), (await RowsAsync(other)).Select(Show));
        await other.DisposeAsync();
        other = database.NewStore();
        await other.OpenAsync(Grid, None);
        Assert.Equal(rows.Select(Show), (await RowsAsync(other)).Select(Show));
        await other.DisposeAsync();
    }

    [SkippableFact]
    public async Task The_grid_goes_on_where_the_rows_end()
    {
        await FillAsync();
        await using var database = NewDatabase();
        var other = database.NewStore();
        await other.OpenAsync(Grid, None);
        await other.Archive.WriteAsync(Store.Archive.ReadAsync());
        foreach (var entity in new[] { Alice, Bob, Carol, Dora })
        {
            var read = new EntityRead(entity, null, 1000);
            var (before, after) = ((await Journal.ReadEntitiesAsync([read], None))[0], (await other.Journal.ReadEntitiesAsync([read], None))[0]);
            Assert.Equal(Show(before.Snapshot), Show(after.Snapshot));
            Assert.Equal(before.Events.Select(Show), after.Events.Select(Show));
            Assert.Equal(
                (await Journal.ReadShardAsync(ShardOf(entity), 0, 1000, None)).Events.Select(Show), (await other.Journal.ReadShardAsync(ShardOf(entity), 0, 1000, None)).Events.Select(Show));
        }
        Assert.Equal(["account", "ledger"], await other.Journal.ListEntityTypesAsync(None));
        Assert.Equal(["alice", "bob", Carol.Key], await other.Journal.ListEntitiesAsync("account", null, 10, None));
        Assert.Equal("recorded", Text((await other.Journal.FindReplyAsync(Alice, Command(2_000), None)).Reply!.Payload));
        Assert.Null((await other.Journal.FindReplyAsync(Bob, Command(500), None)).Reply);
        Assert.Equal(1_000, (await other.Journal.FindReplyAsync(Bob, Command(500), None)).RepliesForgottenBeforeUnixMs);
        Assert.Equal(2, (await other.Journal.ReadTimersAsync(ShardOf(Alice), null, 10, None)).Count);
        Assert.Equal("result", Text((await other.Journal.ReadAttachmentAsync(Dora, "b", None))!.Value));

        // The owner of before is as good as it was; who comes next goes beyond it.
        var shard = ShardOf(Alice);
        var fence = Second;
        Assert.False((await other.Journal.RaiseFencesAsync([new FenceRaise(shard, new Fence(fence.Epoch, OwnerB))], None))[0].Raised);
        var raised = (await other.Journal.RaiseFencesAsync([new FenceRaise(shard, new Fence(fence.Epoch with { Generation = fence.Epoch.Generation + 1 }, OwnerB))], None))[0];
        Assert.True(raised.Raised);
        Assert.Equal(2_000, raised.YoungestReplyIssuedAtUnixMs);
        long last = (await other.Journal.ReadEntitiesAsync([new EntityRead(Alice, 0, 1000)], None))[0].Events[^1].Event.Sequence;
        var append = new ShardAppend(shard, raised.Current, raised.LastOffset, Events(Alice, last + 1, 3), [Reply(Alice, Command(3_000))], [], []);
        Assert.Equal(AppendStatus.Committed, (await other.Journal.AppendAsync([append], None))[0].Status);
        Assert.Equal(AppendStatus.Fenced, (await other.Journal.AppendAsync([append with { Fence = fence, ExpectedOffset = raised.LastOffset + 3 }], None))[0].Status);
        Assert.Equal(AppendStatus.Refused, (await other.Journal.AppendAsync([append with { ExpectedOffset = raised.LastOffset + 3, Events = [], Replies = [Reply(Alice, Command(2_000))] }], None))[0].Status);
        var moved = new Cursor(4, raised.Current.Epoch, 2, 2, 0);
        Assert.Equal([true], await other.Cursors.MoveAsync([new CursorMove(new CursorKey("totals", shard), moved)], None));
        await other.DisposeAsync();
    }

    [SkippableFact]
    public async Task Rows_are_of_the_moment_in_which_the_first_was_read()
    {
        await FillAsync();
        var expected = await RowsAsync(Store);
        var rows = new List<ArchiveRow>();
        await foreach (var row in Store.Archive.ReadAsync())
        {
            if (rows.Count is 0 or 3) await WriteMoreAsync();
            rows.Add(row);
        }
        Assert.Equal(expected.Select(Show), rows.Select(Show));
        Assert.Equal(expected.Count + 20, (await RowsAsync(Store)).Count);

        async Task WriteMoreAsync()
        {
            var shard = ShardOf(Bob);
            long offset = (await Journal.ReadShardAsync(shard, 0, 1000, None)).Events.Count;
            long last = (await Journal.ReadEntitiesAsync([new EntityRead(Bob, 0, 1000)], None))[0].Events.Count;
            await CommitAsync(new ShardAppend(shard, Second, offset, Events(Bob, last + 1, 9), [Reply(Bob, Command(9_000 + last))], [], []));
        }
    }

    [SkippableFact]
    public async Task Who_stops_reading_holds_nothing_up()
    {
        await FillAsync();
        await foreach (var row in Store.Archive.ReadAsync())
        {
            Assert.IsType<ArchivedHorizon>(row);
            break;
        }
        Assert.NotEmpty(await RowsAsync(Store));
    }

    [SkippableFact]
    public async Task Roles_are_kept_and_a_cluster_goes_on_from_the_terms()
    {
        ArchiveRow[] rows =
        [
            new ArchivedHorizon(7), new ArchivedRole("worker", 8), new ArchivedEntityType("account", ""), new ArchivedEntityType("ledger", "worker"),
            new ArchivedShard(ShardOf(Alice), new Fence(new Epoch(0, 3), OwnerA), 0, 0), new ArchivedShard(new ShardId(ShardOf(Dora).Value + 8), new Fence(new Epoch(5, 2), OwnerA), 2, 0),
            .. Events(Dora, 1, 2).Select((e, i) => new ArchivedEvent(new ShardId(ShardOf(Dora).Value + 8), new StoredEvent(e, i + 1, new Epoch(4, 0)))),
        ];
        await Store.Archive.WriteAsync(Of(rows));
        Assert.Equal(rows.Select(Show), (await RowsAsync(Store)).Select(Show));
        if (Cluster is not { } cluster) return;
        var view = await cluster.ReadViewAsync(None);
        Assert.Equal(1, view.Version);
        Assert.Empty(view.Members);
        Assert.Equal([new ShardSpace("", 0), new ShardSpace("worker", 8)], view.Spaces.ToArray());
        Assert.Equal("worker", view.TypeRoles["ledger"]);
        Assert.Equal(new ShardOwnership(Guid.Empty, 5, Guid.Empty), view[new ShardId(ShardOf(Dora).Value + 8)]);
        Assert.Equal(default, view[ShardOf(Alice)]);
    }

    protected static async IAsyncEnumerable<ArchiveRow> Of(IEnumerable<ArchiveRow> rows)
    {
        foreach (var row in rows)
        {
            // Now and then a source has to wait.
            if (row is ArchivedShard) await Task.Yield();
            yield return row;
        }
    }

    protected static async Task<List<ArchiveRow>> RowsAsync(IGridStore store)
    {
        var rows = new List<ArchiveRow>();
        await foreach (var row in store.Archive.ReadAsync()) rows.Add(row);
        return rows;
    }

    protected static ShardId ShardOf(EntityId entity) => ShardId.Of(entity, Grid.ShardCount);

    /// <summary>The fence under which the second half is written.</summary>
    protected static Fence Second => new(new Epoch(1, 1), OwnerA);

    /// <summary>Something of every kind, in several shards and epochs, appended by turns.</summary>
    protected async Task FillAsync()
    {
        EntityId[] entities = [Alice, Bob, Carol, Dora];
        var shards = entities.Select(ShardOf).Append(new ShardId(Enumerable.Range(0, 8).First(i => entities.All(e => ShardOf(e).Value != i)))).Distinct().ToArray();
        var offsets = new Dictionary<ShardId, long>();
        var last = entities.ToDictionary(entity => entity, _ => 0L);
        foreach (var fence in new[] { First, Second })
        {
            foreach (var outcome in await Journal.RaiseFencesAsync([.. shards.Select(shard => new FenceRaise(shard, fence))], None)) offsets[outcome.Shard] = outcome.LastOffset;
            for (int round = 0; round < 4; round++)
            {
                foreach (var entity in entities)
                {
                    await CommitAsync(new ShardAppend(ShardOf(entity), fence, offsets[ShardOf(entity)], Events(entity, last[entity] + 1, round + 1), [], [], []));
                    offsets[ShardOf(entity)] += round + 1;
                    last[entity] += round + 1;
                }
            }
        }
        await Store.Snapshots.SaveAsync([new SnapshotWrite(ShardOf(Alice), Second, new SnapshotRecord(Alice, 4, First.Epoch, 9, Bytes("{}\n{\"a\":1}")))], None);
        await Store.Snapshots.SaveAsync([new SnapshotWrite(ShardOf(Dora), Second, new SnapshotRecord(Dora, 20, Second.Epoch, 9, new byte[] { 0, 255, 10 }))], None);
        await PutAsync(Alice, [Reply(Alice, Command(2_000), "recorded"), Reply(Alice, Command(1_500), "no", ReplyKind.Rejected)], [Timer(Alice, "z", 5), Timer(Alice, "a", 0) with { Manifest = "", Payload = default }], []);
        await PutAsync(Bob, [Reply(Bob, Command(2_000)), Reply(Bob, Command(500)), Reply(Bob, Command(1_500, 3), "", ReplyKind.Failed)], [], [new AttachmentChange(Bob, "empty", ReadOnlyMemory<byte>.Empty)]);
        await PutAsync(Dora, [], [Timer(Dora, "t", long.MaxValue)], [new AttachmentChange(Dora, "b", Bytes("result")), new AttachmentChange(Dora, "a", new byte[70_000])]);
        Assert.Equal(1, await Journal.ForgetRepliesAsync(1_000, 10, None));
        Cursor[] steps = [new(1, First.Epoch, 0, 5, 7), new(2, Second.Epoch, 1, 100, 7), new(3, Second.Epoch, 2, 2, 8)];
        foreach (var step in steps) await Store.Cursors.MoveAsync([new CursorMove(new CursorKey("totals", ShardOf(Alice)), step)], None);
        await Store.Cursors.MoveAsync([new CursorMove(new CursorKey("a.mail", ShardOf(Dora)), new Cursor(1, default, 0, 0, 0))], None);

        async Task PutAsync(EntityId entity, ReplyRecord[] replies, TimerRecord[] timers, AttachmentChange[] attachments) =>
            await CommitAsync(new ShardAppend(ShardOf(entity), Second, offsets[ShardOf(entity)], [], replies, [.. timers.Select(Set)], attachments));
    }

    protected static string Show(ArchiveRow row) => row switch
    {
        ArchivedEvent e => $"{e.Shard} {Show(e.Stored)}",
        ArchivedSnapshot s => $"{Show(s.Snapshot)} {s.RemovedTo}",
        ArchivedReply r => Show(r.Reply),
        ArchivedTimer t => $"{t.Shard} {Show(t.Timer)}",
        ArchivedAttachment a => $"{a.Entity} {a.Name} {Convert.ToHexString(a.Payload.Span)}",
        _ => $"{row}",
    };

    private static string Text(ReadOnlyMemory<byte> payload) => System.Text.Encoding.UTF8.GetString(payload.Span);
}
