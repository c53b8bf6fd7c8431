using ActorGrid.Persistence;

namespace ActorGrid.Sqlite.Tests;

/// <summary>How the writer groups, closes, and what it never does to its callers.</summary>
public sealed class WritingTests : IAsyncLifetime
{
    private readonly TemporaryFile _file = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _file.DisposeAsync();

    [Fact]
    public async Task Closing_finishes_what_was_asked_for_and_empties_the_log()
    {
        var store = await TestGrid.OpenAsync(_file.FilePath);
        await TestGrid.RaiseAsync(store);
        var appends = Enumerable.Range(0, 200).Select(i => TestGrid.AppendAsync(store, i)).ToArray();
        await store.DisposeAsync();
        Assert.All(await Task.WhenAll(appends), outcome => Assert.Equal(AppendStatus.Committed, outcome.Status));
        Assert.False(File.Exists(_file.FilePath + "-wal") && new FileInfo(_file.FilePath + "-wal").Length > 0);
        await using var again = await TestGrid.OpenAsync(_file.FilePath);
        Assert.Equal(200, await TestGrid.CountAsync(again));
    }

    [Fact]
    public async Task One_that_contradicts_costs_those_in_its_transaction_nothing()
    {
        await using var store = await TestGrid.OpenAsync(_file.FilePath);
        await store.Journal.RaiseFencesAsync([.. Enumerable.Range(0, 4).Select(i => new FenceRaise(new ShardId(i), TestGrid.First))], default);
        // Not awaited one by one, so that they meet in the queue.
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => store.Journal.AppendAsync(
            [new ShardAppend(new ShardId(i), TestGrid.First, 0, [new JournalEvent(EntityId.Create("e", $"k{i}"), i == 2 ? 5 : 1, "m", 1, default)], [], [], [])], default)));
        Assert.Equal(
            [AppendStatus.Committed, AppendStatus.Committed, AppendStatus.Refused, AppendStatus.Committed],
            outcomes.Select(outcome => outcome[0].Status));
    }

    [Fact]
    public async Task Callers_go_on_outside_of_the_threads_of_the_store()
    {
        await using var store = await TestGrid.OpenAsync(_file.FilePath);
        await TestGrid.RaiseAsync(store);
        string? writer = await TestGrid.AppendAsync(store, 0).ContinueWith(
            _ => Thread.CurrentThread.Name, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        string? reader = await store.Journal.ReadFencesAsync(default).ContinueWith(
            _ => Thread.CurrentThread.Name, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        Assert.DoesNotContain("sqlite", $"{writer} {reader}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Runs_are_moved_to_the_tables_while_it_writes_and_histories_span_both()
    {
        var entities = Enumerable.Range(0, 300).Select(i => EntityId.Create("e", $"k{i}")).ToArray();
        await using (var store = await TestGrid.OpenAsync(_file.FilePath))
        {
            await TestGrid.RaiseAsync(store);
            for (int round = 0; round < 70; round++)
            {
                var events = entities.Select(entity => new JournalEvent(entity, round + 1, "m", 1, new byte[] { (byte)round })).ToArray();
                var outcome = (await store.Journal.AppendAsync([new ShardAppend(TestGrid.Shard, TestGrid.First, round * 300, events, [], [], [])], default))[0];
                Assert.Equal(AppendStatus.Committed, outcome.Status);
            }
            Assert.NotEqual("0", TestGrid.Query(_file.FilePath, "SELECT count(*) FROM entity_run"));
            await CheckAsync(store);
        }
        await using var again = await TestGrid.OpenAsync(_file.FilePath);
        await CheckAsync(again);

        async Task CheckAsync(SqliteStore store)
        {
            foreach (int after in new[] { 0, 1, 50, 60, 69 })
            {
                var pages = await store.Journal.ReadEntitiesAsync([.. entities.Select(entity => new EntityRead(entity, after, 15))], default);
                foreach (var page in pages)
                {
                    Assert.Equal(Enumerable.Range(after + 1, Math.Min(15, 70 - after)).Select(i => (long)i), page.Events.Select(e => e.Event.Sequence));
                    Assert.Equal(after + 15 < 70, page.HasMore);
                }
            }
            var shard = (await store.Journal.ReadShardAsync(TestGrid.Shard, 20_990, 100, default)).Events;
            Assert.Equal(Enumerable.Range(20_991, 10).Select(i => (long)i), shard.Select(e => e.Offset));
        }
    }

    [Fact]
    public async Task The_one_long_run_of_a_hot_entity_is_moved_too()
    {
        await using var store = await TestGrid.OpenAsync(_file.FilePath);
        await TestGrid.RaiseAsync(store);
        for (int i = 0; i < 100; i++) Assert.Equal(AppendStatus.Committed, (await TestGrid.AppendAsync(store, i * 1000, 1000, bytes: 1)).Status);
        Assert.Equal("0", TestGrid.Query(_file.FilePath, "SELECT indexed_position FROM progress"));
        Assert.Equal(AppendStatus.Committed, (await TestGrid.AppendAsync(store, 100_000, 10)).Status);
        Assert.Equal("100000", TestGrid.Query(_file.FilePath, "SELECT indexed_position FROM progress"));
        var page = (await store.Journal.ReadEntitiesAsync([new EntityRead(TestGrid.Alice, 99_990, 100)], default))[0];
        Assert.Equal(Enumerable.Range(99_991, 20).Select(i => (long)i), page.Events.Select(e => e.Event.Sequence));
    }

    [Fact]
    public async Task A_lock_of_another_program_refuses_appends_and_lets_them_through_when_it_is_gone()
    {
        await using var store = await TestGrid.OpenAsync(new SqliteStoreOptions { Path = _file.FilePath, BusyTimeout = TimeSpan.FromMilliseconds(20) });
        await TestGrid.RaiseAsync(store);
        using (var other = Database.Open(_file.FilePath, readOnly: false, TimeSpan.Zero))
        {
            other.Execute("BEGIN IMMEDIATE");
            var outcome = await TestGrid.AppendAsync(store, 0);
            Assert.Equal(AppendStatus.Refused, outcome.Status);
            Assert.True(outcome.Error!.IsTransient);
            await Assert.ThrowsAsync<StoreException>(() => TestGrid.RaiseAsync(store));
            other.Execute("ROLLBACK");
        }
        Assert.Equal(AppendStatus.Committed, (await TestGrid.AppendAsync(store, 0)).Status);
    }
}
