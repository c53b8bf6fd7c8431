using System.Globalization;
using ActorGrid.Persistence;

namespace ActorGrid.Sqlite.Tests;

/// <summary>Removal of events in the file: what the runs say of them, what is damage, and what other processes see.</summary>
public sealed class RetentionTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryFile _file = new() { RunsMax = 1 };

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _file.DisposeAsync();

    [Fact]
    public async Task What_the_tables_of_runs_do_not_cover_yet_stays_for_a_later_call()
    {
        await using (var store = await TestGrid.OpenAsync(_file.FilePath))
        {
            await TestGrid.RaiseAsync(store);
            await TestGrid.AppendAsync(store, 0, 10);
            await SaveAsync(store, 8);
            Assert.Equal(0, await RemoveAsync(store, 8));
        }
        await using (var store = await TestGrid.OpenAsync(_file.FilePath))
        {
            await TestGrid.AppendAsync(store, 10, 5);
            Assert.Equal(7, await RemoveAsync(store, 8));
            await SaveAsync(store, 14);
            // Up to where the tables go.
            Assert.Equal(3, await RemoveAsync(store, 14));
            Assert.Equal(0, await RemoveAsync(store, 14));
            await CheckAsync(store, removedTo: 10, last: 15);
        }
        await using var last = await TestGrid.OpenAsync(_file.FilePath);
        Assert.Equal(3, await RemoveAsync(last, 14));
        await CheckAsync(last, removedTo: 13, last: 15);
        Assert.Equal(AppendStatus.Committed, (await TestGrid.AppendAsync(last, 15)).Status);
    }

    [Fact]
    public async Task Runs_of_which_nothing_is_left_go_with_the_events()
    {
        await using (var store = (SqliteStore)_file.NewStore())
        {
            await store.OpenAsync(TestGrid.Identity, default);
            await TestGrid.RaiseAsync(store);
            for (int i = 0; i < 20; i++) await TestGrid.AppendAsync(store, i);
            await SaveAsync(store, 17);
            Assert.Equal(16, await RemoveAsync(store, 17));
            await CheckAsync(store, removedTo: 16, last: 20);
        }
        Assert.Equal("4", TestGrid.Query(_file.FilePath, "SELECT count(*) FROM event"));
        Assert.Equal("17", TestGrid.Query(_file.FilePath, "SELECT min(first) FROM entity_run"));
        Assert.Equal("17", TestGrid.Query(_file.FilePath, "SELECT min(first) FROM shard_run"));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(9)]
    public async Task A_gap_that_no_removal_explains_is_damage(int sequence)
    {
        await using var store = await MakeAsync(count: 10, snapshot: 8);
        Assert.Equal(4, await RemoveAsync(store, 8, eventsMax: 4));
        await CheckAsync(store, removedTo: 4, last: 10);
        TestGrid.Query(_file.FilePath, string.Create(CultureInfo.InvariantCulture, $"DELETE FROM event WHERE sequence = {sequence}"));
        Assert.Contains("damaged", (await Assert.ThrowsAsync<StoreException>(() => store.Journal.ReadEntitiesAsync([new EntityRead(TestGrid.Alice, 0, 100)], default))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StoreException>(() => store.Journal.ReadShardAsync(TestGrid.Shard, 0, 100, default));
        // What stands before it can be read.
        if (sequence > 5) Assert.Equal(5, (await store.Journal.ReadShardAsync(TestGrid.Shard, 0, 1, default)).Events[0].Offset);
    }

    [Fact]
    public async Task What_is_missing_without_a_record_of_its_removal_is_damage()
    {
        await using var store = await MakeAsync(count: 10, snapshot: 8);
        Assert.Equal(4, await RemoveAsync(store, 8, eventsMax: 4));
        TestGrid.Query(_file.FilePath, "DELETE FROM shard_removal");
        await Assert.ThrowsAsync<StoreException>(() => store.Journal.ReadShardAsync(TestGrid.Shard, 0, 100, default));
        TestGrid.Query(_file.FilePath, "DELETE FROM entity_removal");
        await Assert.ThrowsAsync<StoreException>(() => store.Journal.ReadEntitiesAsync([new EntityRead(TestGrid.Alice, 0, 100)], default));
        // A recovery from the snapshot does not come by.
        Assert.Equal([9L, 10], (await store.Journal.ReadEntitiesAsync([new EntityRead(TestGrid.Alice, null, 100)], default))[0].Events.Select(e => e.Event.Sequence));
    }

    [Fact]
    public async Task Of_a_damaged_history_nothing_is_removed_beyond_the_damage()
    {
        await using var store = await MakeAsync(count: 10, snapshot: 8);
        TestGrid.Query(_file.FilePath, "DELETE FROM event WHERE sequence = 3");
        Assert.Equal(2, await RemoveAsync(store, 8));
        Assert.Equal(0, await RemoveAsync(store, 8));
        await Assert.ThrowsAsync<StoreException>(() => store.Journal.ReadEntitiesAsync([new EntityRead(TestGrid.Alice, 0, 100)], default));
    }

    [Fact]
    public async Task A_process_that_shares_the_file_reads_on_while_another_removes_and_goes_on_as_the_owner()
    {
        const int Last = 400;
        await using var file = new SharedFile { RunsMax = 1 };
        var (writer, reader) = (await file.OpenAsync(), await file.OpenAsync());
        await TestGrid.RaiseAsync(writer);
        await TestGrid.AppendAsync(writer, 0);
        bool isOver = false;
        var reading = Task.Run(async () =>
        {
            while (!Volatile.Read(ref isOver))
            {
                var page = (await reader.Journal.ReadEntitiesAsync([new EntityRead(TestGrid.Alice, 0, int.MaxValue)], default))[0];
                Assert.Equal(Enumerable.Range(1, page.Events.Count).Select(i => page.RemovedTo + i), page.Events.Select(e => e.Event.Sequence));
                var shard = await reader.Journal.ReadShardAsync(TestGrid.Shard, 0, int.MaxValue, default);
                // One entity: what is left has no gap.
                Assert.Equal(Enumerable.Range(1, shard.Events.Count).Select(i => shard.RemovedTo + i), shard.Events.Select(e => e.Offset));
                Assert.InRange(shard.Events[^1].Offset, page.Events[^1].Event.Sequence, Last);
            }
        });
        for (int i = 1; i < Last; i++)
        {
            await TestGrid.AppendAsync(writer, i);
            if (i % 10 != 0) continue;
            await SaveAsync(writer, i);
            await RemoveAsync(writer, i, eventsMax: 7);
        }
        Volatile.Write(ref isOver, true);
        await reading.WaitAsync(Patience);
        long removedTo = (await reader.Journal.ReadShardAsync(TestGrid.Shard, 0, 1, default)).RemovedTo;
        Assert.InRange(removedTo, 200, Last - 1);

        var next = new Fence(new Epoch(2, 0), Guid.NewGuid());
        Assert.Equal(Last, (await reader.Journal.RaiseFencesAsync([new FenceRaise(TestGrid.Shard, next)], default))[0].LastOffset);
        var e = new JournalEvent(TestGrid.Alice, Last + 1, "deposited", 1, new byte[1]);
        Assert.Equal(AppendStatus.Committed, (await reader.Journal.AppendAsync([new ShardAppend(TestGrid.Shard, next, Last, [e], [], [], [])], default))[0].Status);
        await CheckAsync(writer, removedTo, Last + 1);
        await CheckAsync(reader, removedTo, Last + 1);
    }

    private async Task<SqliteStore> MakeAsync(int count, int snapshot)
    {
        await TestGrid.MakeAsync(_file.FilePath, count);
        var store = await TestGrid.OpenAsync(_file.FilePath);
        await SaveAsync(store, snapshot);
        return store;
    }

    private static async Task SaveAsync(SqliteStore store, long sequence)
    {
        var record = new SnapshotRecord(TestGrid.Alice, sequence, TestGrid.First.Epoch, 1, new byte[10]);
        Assert.Equal(SnapshotOutcome.Saved, (await store.Snapshots.SaveAsync([new SnapshotWrite(TestGrid.Shard, TestGrid.First, record)], default))[0]);
    }

    private static async Task<int> RemoveAsync(SqliteStore store, long snapshot, int eventsMax = 1000)
    {
        var outcome = (await store.Journal.RemoveEventsAsync([new EventRemoval(TestGrid.Shard, TestGrid.First, TestGrid.Alice, snapshot, 2, eventsMax)], [], default))[0];
        Assert.Equal(RemovalStatus.Removed, outcome.Status);
        return outcome.Count;
    }

    private static async Task CheckAsync(SqliteStore store, long removedTo, long last)
    {
        var left = Enumerable.Range(1, (int)(last - removedTo)).Select(i => removedTo + i).ToArray();
        var page = (await store.Journal.ReadEntitiesAsync([new EntityRead(TestGrid.Alice, 0, 1000)], default))[0];
        Assert.Equal((removedTo, last), (page.RemovedTo, page.Events[^1].Event.Sequence));
        Assert.Equal(left, page.Events.Select(e => e.Event.Sequence));
        var shard = await store.Journal.ReadShardAsync(TestGrid.Shard, 0, 1000, default);
        Assert.Equal(left, shard.Events.Select(e => e.Offset));
        Assert.Equal(removedTo, shard.RemovedTo);
    }
}
