using System.Globalization;
using ActorGrid.Persistence;

namespace ActorGrid.PostgreSql.Tests;

/// <summary>Removal of events in the database: what is damage, and what a schema from before knows.</summary>
public sealed class RetentionTests : IAsyncLifetime
{
    private readonly PostgreSqlStoreOptions _options = TestServer.NewOptions();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await TestServer.DropAsync(_options);

    [SkippableTheory]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(9)]
    public async Task A_gap_that_no_removal_explains_is_damage(int sequence)
    {
        await using var store = await MakeAsync();
        await QueryAsync(string.Create(CultureInfo.InvariantCulture, $"DELETE FROM event WHERE sequence = {sequence}"));
        var error = await Assert.ThrowsAsync<StoreException>(() => ReadAsync(store, 0));
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"Event {sequence} "), error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task What_is_missing_without_a_record_of_its_removal_is_damage()
    {
        await using var store = await MakeAsync();
        await QueryAsync("DELETE FROM entity_removal");
        await Assert.ThrowsAsync<StoreException>(() => ReadAsync(store, 0));
        Assert.Equal([9L, 10], (await ReadAsync(store, null)).Events.Select(e => e.Event.Sequence));
    }

    [SkippableFact]
    public async Task Of_a_damaged_history_nothing_is_removed_beyond_the_damage()
    {
        await using var store = await MakeAsync();
        await QueryAsync("DELETE FROM event WHERE sequence = 6");
        Assert.Equal(1, await RemoveAsync(store, 1000));
        Assert.Equal(0, await RemoveAsync(store, 1000));
        await Assert.ThrowsAsync<StoreException>(() => ReadAsync(store, 0));
    }

    [SkippableFact]
    public async Task A_schema_from_before_is_brought_forward_with_nothing_removed()
    {
        await using (var store = await MakeAsync(removes: false)) await store.DisposeAsync();
        await QueryAsync("DROP TABLE entity_removal; DROP TABLE shard_removal; UPDATE meta SET value = '2' WHERE key = 'version'");
        await using var later = await TestGrid.OpenAsync(TestServer.ConnectionString, _options);
        Assert.Equal(0, (await ReadAsync(later, 0)).RemovedTo);
        Assert.Equal(7, await RemoveAsync(later, 1000));
        var page = await ReadAsync(later, 0);
        Assert.Equal((7, 8), (page.RemovedTo, page.Events[0].Event.Sequence));
    }

    /// <summary>Ten events, a snapshot of the eighth, and the first four removed.</summary>
    private async Task<PostgreSqlStore> MakeAsync(bool removes = true)
    {
        var store = await TestGrid.OpenAsync(TestServer.ConnectionString, _options);
        await TestGrid.RaiseAsync(store, TestGrid.First);
        var events = Enumerable.Range(1, 10).Select(i => new JournalEvent(TestGrid.Alice, i, "deposited", 1, new byte[10])).ToArray();
        Assert.Equal(AppendStatus.Committed, (await store.Journal.AppendAsync([new ShardAppend(TestGrid.Shard, TestGrid.First, 0, events, [], [], [])], default))[0].Status);
        var snapshot = new SnapshotRecord(TestGrid.Alice, 8, TestGrid.First.Epoch, 1, new byte[10]);
        Assert.Equal(SnapshotOutcome.Saved, (await store.Snapshots.SaveAsync([new SnapshotWrite(TestGrid.Shard, TestGrid.First, snapshot)], default))[0]);
        if (removes) Assert.Equal(4, await RemoveAsync(store, 4));
        return store;
    }

    private static async Task<int> RemoveAsync(PostgreSqlStore store, int eventsMax) =>
        (await store.Journal.RemoveEventsAsync([new EventRemoval(TestGrid.Shard, TestGrid.First, TestGrid.Alice, 8, 2, eventsMax)], [], default))[0].Count;

    private static async Task<EntityPage> ReadAsync(PostgreSqlStore store, long? after) => (await store.Journal.ReadEntitiesAsync([new EntityRead(TestGrid.Alice, after, 100)], default))[0];

    private Task<object?> QueryAsync(string sql) => TestServer.ExecuteAsync(TestServer.ConnectionString, $"SET search_path TO {_options.Schema}; {sql}");
}
