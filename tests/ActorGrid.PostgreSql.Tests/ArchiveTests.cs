using ActorGrid.Persistence;
using Npgsql;

namespace ActorGrid.PostgreSql.Tests;

/// <summary>What goes wrong on the server while an archive is written or read.</summary>
public sealed class ArchiveTests : IAsyncLifetime
{
    private const int Events = 3_000;

    private readonly PostgreSqlStoreOptions _options = TestServer.NewOptions();

    public Task InitializeAsync()
    {
        Skip.If(TestServer.WhyNone is not null, TestServer.WhyNone);
        return Task.CompletedTask;
    }

    public Task DisposeAsync() => TestServer.DropAsync(_options);

    [SkippableFact]
    public async Task A_session_that_ends_half_way_leaves_an_empty_grid()
    {
        string name = $"halved_{_options.Schema}";
        await using var store = await TestGrid.OpenAsync($"{TestServer.ConnectionString};Application Name={name}", _options);
        var error = await Assert.ThrowsAsync<StoreException>(() => store.Archive.WriteAsync(Rows(EndSessionAsync)));
        Assert.True(error.IsTransient, error.Message);
        Assert.Equal(1, await CountAsync(store));
        var fault = new InvalidDataException("The file is damaged.");
        Assert.Same(fault, await Assert.ThrowsAsync<InvalidDataException>(() => store.Archive.WriteAsync(Rows(EndSessionAndFailAsync))));
        Assert.Equal(1, await CountAsync(store));
        await store.Archive.WriteAsync(Rows(() => Task.CompletedTask));
        Assert.Equal(Events + 2, await CountAsync(store));

        async Task EndSessionAndFailAsync()
        {
            await EndSessionAsync();
            throw fault;
        }

        Task EndSessionAsync() => TestServer.ExecuteAsync(
            TestServer.ConnectionString, $"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = '{name}' AND state = 'active' AND query LIKE 'COPY %'");
    }

    [SkippableFact]
    public async Task A_grid_that_is_used_is_refused_without_a_wait_for_what_is_being_written_there()
    {
        await using var store = await TestGrid.OpenAsync(TestServer.ConnectionString, _options);
        await store.Journal.RaiseFencesAsync([new FenceRaise(TestGrid.Shard, TestGrid.First)], default);
        await using var writer = new NpgsqlConnection(TestServer.ConnectionString);
        await writer.OpenAsync();
        await using var transaction = await writer.BeginTransactionAsync();
        await using var write = new NpgsqlCommand($"UPDATE \"{_options.Schema}\".shard SET last_offset = last_offset", writer, transaction);
        await write.ExecuteNonQueryAsync();

        var error = await Assert.ThrowsAsync<StoreException>(() => store.Archive.WriteAsync(Rows(() => Task.CompletedTask)));

        Assert.Contains("shards that had an owner", error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_read_that_is_left_half_way_leaves_no_session_behind()
    {
        string name = $"left_{_options.Schema}";
        await using var store = await TestGrid.OpenAsync($"{TestServer.ConnectionString};Application Name={name}", _options);
        await store.Archive.WriteAsync(Rows(() => Task.CompletedTask));
        int rows = 0;
        await foreach (var row in store.Archive.ReadAsync())
        {
            if (++rows < 1_500) continue;
            Assert.Equal(1L, await OpenAsync());
            break;
        }
        while (await OpenAsync() is not 0L) await Task.Yield();

        Task<object?> OpenAsync() => TestServer.ExecuteAsync(TestServer.ConnectionString, $"SELECT count(*) FROM pg_stat_activity WHERE application_name = '{name}' AND xact_start IS NOT NULL");
    }

    private static async Task<int> CountAsync(PostgreSqlStore store)
    {
        int count = 0;
        await foreach (var row in store.Archive.ReadAsync()) count++;
        return count;
    }

    private static async IAsyncEnumerable<ArchiveRow> Rows(Func<Task> halfWay)
    {
        var entity = Enumerable.Range(0, 10_000).Select(i => EntityId.Create("account", $"{i}")).First(id => ShardId.Of(id, TestGrid.Identity.ShardCount) == TestGrid.Shard);
        yield return new ArchivedHorizon(0);
        yield return new ArchivedShard(TestGrid.Shard, TestGrid.First, Events, 0);
        for (int i = 1; i <= Events; i++)
        {
            if (i == Events / 2) await halfWay();
            yield return new ArchivedEvent(TestGrid.Shard, new StoredEvent(new JournalEvent(entity, i, "deposited", 1, new byte[500]), i, TestGrid.First.Epoch));
        }
    }
}
