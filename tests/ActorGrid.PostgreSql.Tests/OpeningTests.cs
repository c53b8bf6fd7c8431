using ActorGrid.Persistence;
using ActorGrid.PostgreSql.Server;
using Npgsql;

namespace ActorGrid.PostgreSql.Tests;

/// <summary>What is looked at when a store is opened: the server's settings, the schema and whose it is.</summary>
public sealed class OpeningTests : IAsyncLifetime
{
    private static readonly Migration Second = new(4, OldestReader: 1, "CREATE TABLE extra (x int); INSERT INTO extra VALUES (42)");
    private static readonly Migration Broken = new(5, OldestReader: 5, "INSERT INTO extra VALUES (43); INSERT INTO nowhere VALUES (1)");
    private readonly PostgreSqlStoreOptions _options = TestServer.NewOptions();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (TestServer.WhyNone is null) await TestServer.DropAsync(_options);
    }

    [SkippableFact]
    public async Task A_server_that_may_lose_what_it_acknowledged_is_refused_with_the_remedy()
    {
        Skip.If(PostgresServer.WhyNone is not null, PostgresServer.WhyNone);
        await using var server = await PostgresServer.StartAsync();
        foreach (string setting in new[] { "fsync", "full_page_writes" })
        {
            // Given to the server at its start, it would hide what is altered.
            await SetAsync(server, setting, "off");
            var error = await Assert.ThrowsAsync<StoreException>(() => TestGrid.OpenAsync(server.ConnectionString, _options));
            Assert.Contains($"ALTER SYSTEM SET {setting} = on", error.Message, StringComparison.Ordinal);
            Assert.False(error.IsTransient);
            await SetAsync(server, setting, "on");
        }
        await (await TestGrid.OpenAsync(server.ConnectionString, _options)).DisposeAsync();
        string several = server.ConnectionString.Replace("127.0.0.1", $"127.0.0.1:{server.Port},127.0.0.1:1", StringComparison.Ordinal);
        var loss = await Assert.ThrowsAsync<StoreException>(() => TestGrid.OpenAsync(several, _options));
        Assert.Contains("synchronous_standby_names", loss.Message, StringComparison.Ordinal);
        await using var allowed = await TestGrid.OpenAsync(several, _options with { AllowLossOnStoreFailover = true });
        Assert.True((await TestGrid.RaiseAsync(allowed, TestGrid.First)).Raised);
    }

    [SkippableTheory]
    [InlineData("off", "on")]
    [InlineData("local", "on")]
    [InlineData("remote_apply", "remote_apply")]
    public async Task A_weak_synchronous_commit_is_made_up_for(string given, string used)
    {
        string weak = TestServer.ConnectionString + $";Options=-c synchronous_commit={given}";
        await using var connection = await TestServer.ConnectAsync(weak);
        string overrides = await ServerSettings.CheckAsync(connection, asksForReplica: false, "the server", default);
        await using var source = Sessions.NewSource(weak, _options, 1, overrides, check: null);
        await using var command = source.CreateCommand("SHOW synchronous_commit");
        Assert.Equal(used, await command.ExecuteScalarAsync());
    }

    [SkippableFact]
    public async Task Nodes_that_start_at_once_make_the_schema_once()
    {
        var stores = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => TestGrid.OpenAsync(TestServer.ConnectionString, _options))));
        Assert.True((await TestGrid.RaiseAsync(stores[7], TestGrid.First)).Raised);
        foreach (var store in stores) await store.DisposeAsync();
        // And bring it forward once.
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => MigrateAsync([.. Migration.All, Second]))));
        Assert.Equal(1L, await QueryAsync("SELECT count(*) FROM extra"));
    }

    [SkippableFact]
    public async Task A_migration_that_fails_leaves_the_schema_as_it_was()
    {
        await MigrateAsync(Migration.All);
        await Assert.ThrowsAsync<StoreException>(() => MigrateAsync([.. Migration.All, Second, Broken]));
        Assert.Equal("3", await QueryAsync("SELECT value FROM meta WHERE key = 'version'"));
        Assert.Equal(DBNull.Value, await QueryAsync("SELECT to_regclass('extra')::oid"));
        await MigrateAsync(Migration.All);
    }

    [SkippableFact]
    public async Task A_newer_schema_is_left_to_newer_code_unless_it_allows_this_one()
    {
        await MigrateAsync([.. Migration.All, Second]);
        await MigrateAsync(Migration.All);
        await QueryAsync("UPDATE meta SET value = '4' WHERE key = 'oldest_reader'");
        var error = await Assert.ThrowsAsync<StoreException>(() => MigrateAsync(Migration.All));
        Assert.Contains("version 4", error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_schema_of_another_application_is_refused()
    {
        await TestServer.ExecuteAsync(TestServer.ConnectionString, $"CREATE SCHEMA {_options.Schema}; CREATE TABLE {_options.Schema}.invoice (id int)");
        var error = await Assert.ThrowsAsync<StoreException>(() => MigrateAsync(Migration.All));
        Assert.Contains("another application", error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_server_that_is_not_there_and_a_database_that_is_not_are_told_apart()
    {
        await using var way = TestGrid.WayTo(TestServer.ConnectionString);
        way.Cut();
        var unreachable = await Assert.ThrowsAsync<StoreException>(() => TestGrid.OpenAsync(TestGrid.Through(way, TestServer.ConnectionString), _options));
        Assert.True(unreachable.IsTransient);
        var nowhere = new NpgsqlConnectionStringBuilder(TestServer.ConnectionString) { Database = "nowhere" };
        var missing = await Assert.ThrowsAsync<StoreException>(() => TestGrid.OpenAsync(nowhere.ConnectionString, _options));
        Assert.False(missing.IsTransient);
        Assert.Contains("nowhere", missing.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Grid")]
    [InlineData("1st")]
    [InlineData("a\"; DROP SCHEMA public; --")]
    [InlineData("grid\n")]
    public void A_schema_has_a_plain_name(string name)
    {
        var error = Assert.Throws<ArgumentException>(() => new PostgreSqlStore("Host=nowhere", new PostgreSqlStoreOptions { Schema = name }));
        Assert.Contains("PostgreSqlStoreOptions.Schema", error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Connections_are_bounded_whatever_is_asked_at_once()
    {
        string name = $"bounded-{_options.Schema}";
        await using var store = await TestGrid.OpenAsync($"{TestServer.ConnectionString};Application Name={name}", _options);
        await store.Journal.RaiseFencesAsync([.. Enumerable.Range(0, 64).Select(i => new FenceRaise(new ShardId(i), TestGrid.First))], default);
        await store.Cluster.OpenLeaseAsync(TestGrid.First.Owner, default);
        var calls = Enumerable.Range(0, 500).SelectMany(i => new Task[]
        {
            store.Journal.AppendAsync([new ShardAppend(new ShardId(i % 64), TestGrid.First, 0, [], [], [], [])], default),
            store.Journal.ReadEntitiesAsync([new EntityRead(EntityId.Create("e", $"{i}"), null, 10)], default),
            store.Journal.RaiseFencesAsync([new FenceRaise(new ShardId(i % 64), TestGrid.First)], default),
            store.Cluster.ReadLeasesAsync(default),
            store.Cluster.RenewLeaseAsync(TestGrid.First.Owner, [], default),
        }).ToArray();
        var all = Task.WhenAll(calls);
        long most = 0;
        do most = Math.Max(most, (long)(await TestServer.ExecuteAsync(TestServer.ConnectionString, $"SELECT count(*) FROM pg_stat_activity WHERE application_name = '{name}'"))!);
        while (!all.IsCompleted);
        await all.WaitAsync(TestGrid.Patience);
        Assert.InRange(most, 1, _options.WriterConnectionsMax + _options.ReaderConnectionsMax + 7);
    }

    [SkippableFact]
    public async Task Before_its_first_lease_a_node_has_run_on_sessions_of_its_own_what_requests_will_wait_for_and_has_written_nothing()
    {
        string name = $"rehearsed-{_options.Schema}";
        await using var store = await TestGrid.OpenAsync($"{TestServer.ConnectionString};Application Name={name}", _options);
        await store.Cluster.OpenLeaseAsync(TestGrid.First.Owner, default);
        string sessions = $"SELECT count(*) FROM pg_stat_activity WHERE application_name = '{name}' AND query ~ ";
        Assert.Equal((long)_options.WriterConnectionsMax, await TestServer.ExecuteAsync(TestServer.ConnectionString, $"{sessions}'INSERT INTO reply'"));
        Assert.InRange((long)(await TestServer.ExecuteAsync(TestServer.ConnectionString, $"{sessions}'FROM (timer|progress)|snapshot'"))!, 1, _options.ReaderConnectionsMax);
        foreach (string table in new[] { "shard", "event", "reply", "timer", "attachment", "snapshot" })
        {
            Assert.Equal(0L, await TestServer.ExecuteAsync(TestServer.ConnectionString, $"SELECT count(*) FROM {_options.Schema}.{table}"));
        }
    }

    [SkippableFact]
    public async Task A_server_with_few_sessions_left_gives_a_lease_all_the_same()
    {
        Skip.If(PostgresServer.WhyNone is not null, PostgresServer.WhyNone);
        await using var server = await PostgresServer.StartAsync();
        await TestServer.ExecuteAsync(server.ConnectionString, "CREATE ROLE narrow LOGIN SUPERUSER; ALTER ROLE narrow CONNECTION LIMIT 2");
        string narrow = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Username = "narrow" }.ConnectionString;
        await TestServer.ExecuteAsync(server.ConnectionString, "ALTER ROLE narrow NOSUPERUSER; GRANT CREATE ON DATABASE postgres TO narrow; GRANT EXECUTE ON FUNCTION pg_control_system() TO narrow");
        await using var store = await TestGrid.OpenAsync(narrow, _options);
        await store.Cluster.OpenLeaseAsync(TestGrid.First.Owner, default).WaitAsync(TestGrid.Patience);
        Assert.True(Assert.Single(await store.Cluster.ReadLeasesAsync(default)).IsPresent);
    }

    [SkippableFact]
    public async Task Text_that_the_server_does_not_keep_is_refused_and_costs_the_others_of_the_call_nothing()
    {
        await using var store = await TestGrid.OpenAsync(TestServer.ConnectionString, _options);
        await store.Journal.RaiseFencesAsync([.. Enumerable.Range(0, 4).Select(i => new FenceRaise(new ShardId(i), TestGrid.First))], default);
        var outcomes = await store.Journal.AppendAsync(
            [
                .. new[] { "good", "nul\0", "half\uD800", "pair\U0001F600" }.Select((manifest, i) => new ShardAppend(
                    new ShardId(i), TestGrid.First, 0, [new JournalEvent(EntityId.Create("e", $"{i}"), 1, manifest, 1, new byte[1])], [], [], [])),
            ],
            default);
        Assert.Equal([AppendStatus.Committed, AppendStatus.Refused, AppendStatus.Refused, AppendStatus.Committed], outcomes.Select(outcome => outcome.Status));
        Assert.False(outcomes[1].Error!.IsTransient);
    }

    private async Task MigrateAsync(IReadOnlyList<Migration> migrations)
    {
        await using var store = new PostgreSqlStore(TestServer.ConnectionString, _options, TimeProvider.System, migrations);
        await store.OpenAsync(TestGrid.Identity, default);
        Assert.Empty((await store.Journal.ReadShardAsync(TestGrid.Shard, 0, 10, default)).Events);
    }

    private Task<object?> QueryAsync(string sql) => TestServer.ExecuteAsync($"{TestServer.ConnectionString};Search Path={_options.Schema}", sql);

    private static async Task SetAsync(PostgresServer server, string setting, string value)
    {
        await TestServer.ExecuteAsync(server.ConnectionString, $"ALTER SYSTEM SET {setting} = {value}");
        await TestServer.ExecuteAsync(server.ConnectionString, "SELECT pg_reload_conf()");
        while (await TestServer.ExecuteAsync(server.ConnectionString, $"SHOW {setting}") is string now && now != value) await Task.Yield();
    }
}
