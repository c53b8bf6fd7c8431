using ActorGrid.Persistence;

namespace ActorGrid.Conformance;

/// <content>Histories whose first events were removed.</content>
public abstract partial class ArchiveConformance
{
    [SkippableFact]
    public async Task What_was_removed_is_gone_in_the_other_store_too_and_known_to_be()
    {
        var rows = await ShortenAsync();
        Assert.Equal(2, rows.OfType<ArchivedSnapshot>().Count(row => row.RemovedTo > 0));

        await using var memory = new InMemoryStore();
        await memory.OpenAsync(Grid, None);
        await memory.Archive.WriteAsync(Store.Archive.ReadAsync());
        Assert.Equal(rows.Select(Show), (await RowsAsync(memory)).Select(Show));
        await using var database = NewDatabase();
        await using var other = database.NewStore();
        await other.OpenAsync(Grid, None);
        await other.Archive.WriteAsync(memory.Archive.ReadAsync());
        Assert.Equal(rows.Select(Show), (await RowsAsync(other)).Select(Show));
        foreach (var store in new[] { memory, other })
        {
            foreach (var entity in new[] { Alice, Dora })
            {
                var read = new EntityRead(entity, 0, 1000);
                var (before, after) = ((await Journal.ReadEntitiesAsync([read], None))[0], (await store.Journal.ReadEntitiesAsync([read], None))[0]);
                Assert.Equal(before.RemovedTo, after.RemovedTo);
                Assert.Equal(before.Events.Select(Show), after.Events.Select(Show));
                var (here, there) = (await Journal.ReadShardAsync(ShardOf(entity), 0, 1000, None), await store.Journal.ReadShardAsync(ShardOf(entity), 0, 1000, None));
                Assert.Equal(here.RemovedTo, there.RemovedTo);
                Assert.Equal(here.Events.Select(Show), there.Events.Select(Show));
            }
            Assert.Equal(["alice", "bob", Carol.Key], await store.Journal.ListEntitiesAsync("account", null, 10, None));
        }
    }

    [SkippableFact]
    public async Task A_gap_in_an_archive_that_no_removal_explains_is_refused()
    {
        var rows = await ShortenAsync();
        await using var database = NewDatabase();
        await using var other = database.NewStore();
        await other.OpenAsync(Grid, None);
        await RefusedAsync("follows on", rows.Select(row => row is ArchivedShard shard ? shard with { RemovedTo = 0 } : row));
        await RefusedAsync("cannot have been removed", rows.Select(row => row is ArchivedShard { RemovedTo: > 0 } shard ? shard with { RemovedTo = shard.LastOffset } : row));
        await RefusedAsync("says that those up to", rows.Select(row => row is ArchivedSnapshot { RemovedTo: > 0 } snapshot ? snapshot with { RemovedTo = snapshot.RemovedTo - 1 } : row));
        await RefusedAsync("no snapshot says", rows.Where(row => row is not ArchivedSnapshot));
        var first = rows.OfType<ArchivedEvent>().First(row => row.Stored.Event.Entity == Dora);
        await RefusedAsync("follows on", rows.Where(row => row != first));
        await other.Archive.WriteAsync(Of(rows));

        async Task RefusedAsync(string words, IEnumerable<ArchiveRow> broken) =>
            Assert.Contains(words, (await Assert.ThrowsAsync<InvalidDataException>(() => other.Archive.WriteAsync(Of(broken)))).Message, StringComparison.Ordinal);
    }

    /// <summary>Something of every kind, of which the first events of two entities were removed.</summary>
    private async Task<List<ArchiveRow>> ShortenAsync()
    {
        await FillAsync();
        Assert.Equal([true], await Store.Cursors.MoveAsync([new CursorMove(new CursorKey("a.mail", ShardOf(Dora)), new Cursor(2, Second.Epoch, 8, 8, 0))], None));
        // A file notes where events stand when it is closed, at the latest.
        await ReopenAsync();
        foreach (var (entity, snapshot) in new[] { (Alice, 4), (Dora, 20) })
        {
            var removal = new EventRemoval(ShardOf(entity), Second, entity, snapshot, long.MaxValue, 2);
            Assert.InRange((await Journal.RemoveEventsAsync([removal], [], None))[0].Count, 1, 2);
        }
        return await RowsAsync(Store);
    }
}
