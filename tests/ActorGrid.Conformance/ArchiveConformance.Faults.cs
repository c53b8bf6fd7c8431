using ActorGrid.Persistence;

namespace ActorGrid.Conformance;

public abstract partial class ArchiveConformance
{
    /// <summary>What can be wrong with rows, and a word of what is said about it.</summary>
    private static readonly (string Words, Func<List<ArchiveRow>, IEnumerable<ArchiveRow>> Break)[] Faults =
    [
        ("there are no rows", static _ => []),
        ("the first row", static rows => rows.Skip(1)),
        ("out of the order", static rows => rows.Prepend(rows[0])),
        ("out of the order", static rows => rows.Append(rows[1])),
        ("out of the order", static rows => rows.Append(rows[^1])),
        ("had no owner", static rows => rows.Where(row => row.Kind != ArchiveKind.Shard)),
        ("there are no events of it", static rows => rows.Where(row => row.Kind != ArchiveKind.Event)),
        ("the last offset is", static rows => rows.Where(row => row != rows.Last(r => r is ArchivedEvent))),
        ("follows on", static rows => rows.Where(row => row != rows.First(r => r is ArchivedEvent))),
        ("none of the 8", static rows => Change<ArchivedShard>(rows, static row => row with { Shard = new ShardId(9) })),
        ("cannot have had an owner", static rows => Change<ArchivedShard>(rows, static row => row with { Fence = new Fence(default, OwnerA) })),
        ("no reply of", static rows => Change<ArchivedShard>(rows, static row => row with { YoungestReplyIssuedAtUnixMs = long.MaxValue })),
        ("cannot be forgotten before -1", static rows => Change<ArchivedHorizon>(rows, static _ => new ArchivedHorizon(-1))),
        ("cannot be forgotten before 2814749767", static rows => Change<ArchivedHorizon>(rows, static _ => new ArchivedHorizon(1L << 48))),
        ("cannot be due at -1", static rows => Change<ArchivedTimer>(rows, static row => row with { Timer = row.Timer with { DueUnixMs = -1 } })),
        ("cannot have the cursor", static rows => Change<ArchivedCursor>(rows, static row => row with { Cursor = row.Cursor with { Version = long.MaxValue } })),
        ("cannot have the cursor", static rows => Change<ArchivedCursor>(rows, static row => row with { Cursor = row.Cursor with { IssuedAtUnixMs = -1 } })),
        ("cannot have the cursor", static rows => Change<ArchivedCursor>(rows, static row => row with { Cursor = row.Cursor with { IssuedAtUnixMs = 1L << 48 } })),
        ("those of the role 'worker'", static rows => WithRole(rows, new ArchivedEntityType("account", "worker"))),
        ("those of no role", static rows => WithRole(rows, new ArchivedEntityType("account", ""), rows.OfType<ArchivedEvent>().First(row => row.Stored.Event.Entity == Alice))),
        ("those of no role", static rows => WithRole(rows, null, rows.OfType<ArchivedEvent>().First(row => row.Stored.Event.Entity == Alice))),
        ("would be next", static rows => rows.Take(1).Append(new ArchivedRole("worker", 9)).Concat(rows.Skip(1))),
        ("has no shards", static rows => rows.Take(1).Append(new ArchivedEntityType("account", "worker")).Concat(rows.Skip(1))),
        ("does not lie in", static rows => Change<ArchivedTimer>(rows, row => row with { Shard = ShardOf(row.Timer.Entity) == ShardOf(Bob) ? ShardOf(Dora) : ShardOf(Bob) })),
        ("cannot name an entity type", static rows => ChangeEvent(rows, static e => e with { Entity = new EntityId("No Type", "x") })),
        ("U+0001", static rows => ChangeEvent(rows, static e => e with { Entity = new EntityId("account", "\u0001") })),
        ("has no name", static rows => ChangeEvent(rows, static e => e with { Manifest = "" })),
        ("at most 16,777,216", static rows => ChangeEvent(rows, static e => e with { Payload = new byte[JournalLimits.PayloadBytesMax + 1] })),
        ("follows on event", static rows => ChangeEvent(rows, static e => e with { Sequence = e.Sequence + 1 })),
        ("cannot be of the epoch 7.0", static rows => Change<ArchivedEvent>(rows, static e => e with { Stored = e.Stored with { Epoch = new Epoch(7, 0) } })),
        ("which is not there", static rows => Change<ArchivedSnapshot>(rows, static row => new ArchivedSnapshot(row.Snapshot with { Sequence = 1000 }))),
        ("which is not there", static rows => Change<ArchivedSnapshot>(rows, static row => new ArchivedSnapshot(row.Snapshot with { Epoch = new Epoch(1, 9) }))),
        ("cannot rest on event 0", static rows => Change<ArchivedSnapshot>(rows, static row => new ArchivedSnapshot(row.Snapshot with { Sequence = 0 }))),
        ("younger than the youngest", static rows => Change<ArchivedReply>(rows, static row => new ArchivedReply(row.Reply with { Command = Command(2_001) }))),
        ("which is none", static rows => Change<ArchivedReply>(rows, static row => new ArchivedReply(row.Reply with { Kind = (ReplyKind)9 }))),
        ("1 to 200", static rows => Change<ArchivedAttachment>(rows, static row => row with { Name = new string('n', 201) })),
        ("cannot have the cursor", static rows => Change<ArchivedCursor>(rows, static row => row with { Cursor = row.Cursor with { Offset = 1_000_000, GivenTo = 1_000_000 } })),
        ("cannot name a subscription", static rows => Change<ArchivedCursor>(rows, static row => row with { Key = row.Key with { Name = "totals?" } })),
    ];

    [SkippableFact]
    public async Task Rows_that_cannot_be_are_refused_in_words_and_leave_an_empty_grid()
    {
        await FillAsync();
        var rows = await RowsAsync(Store);
        await using var database = NewDatabase();
        await using var other = database.NewStore();
        await other.OpenAsync(Grid, None);
        foreach (var (words, breaks) in Faults)
        {
            var error = await Assert.ThrowsAsync<InvalidDataException>(() => other.Archive.WriteAsync(Of(breaks(rows))));
            Assert.Contains(words, error.Message, StringComparison.Ordinal);
            Assert.Equal([new ArchivedHorizon(0)], await RowsAsync(other));
        }
        var fault = new IOException("The file ends.");
        Assert.Same(fault, await Assert.ThrowsAsync<IOException>(() => other.Archive.WriteAsync(Ends())));
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => other.Archive.WriteAsync(Stops(), stop.Token));
        Assert.Equal([new ArchivedHorizon(0)], await RowsAsync(other));

        await other.Archive.WriteAsync(Of(rows));
        Assert.Equal(rows.Select(Show), (await RowsAsync(other)).Select(Show));

        async IAsyncEnumerable<ArchiveRow> Ends()
        {
            await foreach (var row in Of(rows.SkipLast(1))) yield return row;
            throw fault;
        }

        async IAsyncEnumerable<ArchiveRow> Stops()
        {
            await foreach (var row in Of(rows))
            {
                if (row is ArchivedReply) await stop.CancelAsync();
                yield return row;
            }
        }
    }

    [SkippableFact]
    public async Task A_grid_that_was_used_is_refused_and_stays_as_it_is()
    {
        await RaiseAsync(Shard, First);
        await RefusedAsync("shards that had an owner");
        await using var database = NewDatabase();
        await using var other = database.NewStore();
        await other.OpenAsync(Grid, None);
        await other.Cursors.MoveAsync([new CursorMove(new CursorKey("totals", Shard), new Cursor(1, First.Epoch, 0, 0, 0))], None);
        var error = await Assert.ThrowsAsync<StoreException>(() => other.Archive.WriteAsync(Of([new ArchivedHorizon(3)])));
        Assert.Contains("cursors", error.Message, StringComparison.Ordinal);
        await CommitAsync(New(0) with { Events = Events(Alice, 1, 1) });
        var before = await RowsAsync(Store);
        await RefusedAsync("name another place", "Nothing was written");
        Assert.Equal(before.Select(Show), (await RowsAsync(Store)).Select(Show));

        async Task RefusedAsync(params string[] words)
        {
            var refusal = await Assert.ThrowsAsync<StoreException>(() => Store.Archive.WriteAsync(Of([new ArchivedHorizon(3)])));
            Assert.False(refusal.IsTransient);
            foreach (string word in words) Assert.Contains(word, refusal.Message, StringComparison.Ordinal);
        }
    }

    [SkippableFact]
    public async Task Who_takes_a_shard_meanwhile_finds_all_of_the_rows_or_has_them_refused()
    {
        await FillAsync();
        var rows = await RowsAsync(Store);
        var last = rows.OfType<ArchivedShard>().First(row => row.LastOffset > 0);
        await using var database = NewDatabase();
        await using var other = database.NewStore();
        await other.OpenAsync(Grid, None);
        TaskCompletionSource isHalfWay = new(TaskCreationOptions.RunContinuationsAsynchronously), goesOn = new(TaskCreationOptions.RunContinuationsAsynchronously);

        var written = other.Archive.WriteAsync(Halting());
        await isHalfWay.Task;
        var taken = other.Journal.RaiseFencesAsync([new FenceRaise(last.Shard, new Fence(new Epoch(9, 0), OwnerB))], None);
        goesOn.SetResult();
        var refusal = await Record.ExceptionAsync(() => written);

        var outcome = Assert.Single(await taken);
        Assert.True(outcome.Raised);
        Assert.Equal(refusal is null ? last.LastOffset : 0, outcome.LastOffset);
        if (refusal is not null) Assert.Contains("shards that had an owner", Assert.IsType<StoreException>(refusal).Message, StringComparison.Ordinal);
        Assert.Equal(refusal is null ? rows.Count : 2, (await RowsAsync(other)).Count);

        async IAsyncEnumerable<ArchiveRow> Halting()
        {
            foreach (var row in rows)
            {
                if (row is ArchivedSnapshot && isHalfWay.TrySetResult()) await goesOn.Task;
                yield return row;
            }
        }
    }

    /// <summary>The same rows of a grid that has a role, with the role of a type if given, and an event that is there a second time, in a shard of the role.</summary>
    private static IEnumerable<ArchiveRow> WithRole(List<ArchiveRow> rows, ArchivedEntityType? type, ArchivedEvent? twice = null)
    {
        var added = new List<ArchiveRow> { new ArchivedRole("worker", Grid.ShardCount) };
        if (type is not null) added.Add(type);
        if (twice is not null)
        {
            var shard = new ShardId(twice.Shard.Value + Grid.ShardCount);
            added.Add(new ArchivedShard(shard, Second, 1, 0));
            added.Add(twice with { Shard = shard, Stored = twice.Stored with { Offset = 1 } });
        }
        return rows.Concat(added).OrderBy(static row => row, ArchiveOrder.Instance);
    }

    /// <summary>The last of the kind becomes another.</summary>
    private static IEnumerable<ArchiveRow> Change<T>(List<ArchiveRow> rows, Func<T, ArchiveRow> change)
        where T : ArchiveRow
    {
        int at = rows.FindLastIndex(row => row is T);
        return rows.Take(at).Append(change((T)rows[at])).Concat(rows.Skip(at + 1));
    }

    private static IEnumerable<ArchiveRow> ChangeEvent(List<ArchiveRow> rows, Func<JournalEvent, JournalEvent> change) =>
        Change<ArchivedEvent>(rows, row => row with { Stored = row.Stored with { Event = change(row.Stored.Event) } });
}
