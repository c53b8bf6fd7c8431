using System.Globalization;
using ActorGrid.Persistence;
using ActorGrid.PostgreSql.Server;
using Npgsql;

namespace ActorGrid.PostgreSql.Tests;

/// <summary>What a store holds the server to after it was opened, whatever is altered there, and whatever the user's connection string says.</summary>
public sealed class SettingsTests : IAsyncLifetime
{
    private readonly PostgreSqlStoreOptions _options = TestServer.NewOptions();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (TestServer.WhyNone is null) await TestServer.DropAsync(_options);
    }

    [SkippableTheory]
    [InlineData("synchronous_commit", "off", "on")]
    [InlineData("client_min_messages", "error", "warning")]
    [InlineData("default_transaction_isolation", "serializable", "read committed")]
    [InlineData("tcp_keepalives_idle", "100", "30")]
    [InlineData("tcp_keepalives_interval", "100", "6")]
    [InlineData("tcp_keepalives_count", "100", "5")]
    [InlineData("tcp_user_timeout", "1000", "60000")]
    public async Task Its_sessions_insist_on_what_the_promises_rest_on(string setting, string given, string used)
    {
        // As it would be on a server that was altered, or to which the grid was failed over.
        string weak = $"{TestServer.ConnectionString};Options=-c {setting}={given}";
        await using var connection = await TestServer.ConnectAsync(TestServer.ConnectionString);
        string overrides = await ServerSettings.CheckAsync(connection, asksForReplica: false, "the server", default);
        await using var source = Sessions.NewSource(weak, _options with { SessionPatience = TimeSpan.FromMinutes(1) }, 1, overrides, check: null);
        await using var command = source.CreateCommand($"SELECT setting FROM pg_settings WHERE name = '{setting}'");
        Assert.Equal(used, Convert.ToString(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture));
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_server_that_came_to_lose_what_it_acknowledges_is_not_used_until_it_is_set_right(bool hasSeveralHosts)
    {
        Skip.If(PostgresServer.WhyNone is not null, PostgresServer.WhyNone);
        await using var server = await PostgresServer.StartAsync();
        string given = hasSeveralHosts
            ? server.ConnectionString.Replace("127.0.0.1", $"127.0.0.1:{server.Port},127.0.0.1:1", StringComparison.Ordinal)
            : server.ConnectionString;
        await using var store = await TestGrid.OpenAsync(given, _options with { AllowLossOnStoreFailover = true });
        await TestGrid.RaiseAsync(store, TestGrid.First);
        await AlterAsync(server, "fsync", "off");
        // As after a fail-over: the connections are gone.
        await server.RestartAsync();
        AppendOutcome outcome;
        // The first may still meet the connection that broke.
        do outcome = await TestGrid.AppendAsync(store, 0, TestGrid.First);
        while (outcome.Status == AppendStatus.Unknown);
        Assert.True(outcome is { Status: AppendStatus.Refused, Error.IsTransient: true }, $"{outcome}");
        Assert.Contains("ALTER SYSTEM SET fsync = on", outcome.Error!.Message, StringComparison.Ordinal);
        var error = await Assert.ThrowsAsync<StoreException>(() => store.Cluster.OpenLeaseAsync(TestGrid.First.Owner, default));
        Assert.Contains("fsync", error.Message, StringComparison.Ordinal);
        await AlterAsync(server, "fsync", "on");
        Assert.Equal(AppendStatus.Committed, (await TestGrid.AppendAsync(store, 0, TestGrid.First)).Status);
    }

    [SkippableFact]
    public async Task A_commit_that_did_not_wait_for_the_replica_is_not_acknowledged_though_warnings_are_switched_off()
    {
        Skip.If(PostgresServer.WhyNone is not null, PostgresServer.WhyNone);
        await using var server = await PostgresServer.StartAsync();
        string quiet = server.ConnectionString + ";Options=-c client_min_messages=error -c default_transaction_isolation=serializable";
        await using var store = await TestGrid.OpenAsync(quiet, _options);
        await TestGrid.RaiseAsync(store, TestGrid.First);
        await AlterAsync(server, "synchronous_standby_names", "nobody");
        AppendOutcome outcome;
        long offset = 0;
        do
        {
            // The server begins to wait a moment after it was told to.
            var append = TestGrid.AppendAsync(store, offset++, TestGrid.First);
            await GiveUpWaitingAsync(server, append);
            outcome = await append;
        }
        while (outcome.Status == AppendStatus.Committed && offset < 100_000);
        Assert.Equal(AppendStatus.Unknown, outcome.Status);
        Assert.Contains("replica", outcome.Error!.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_cursor_whose_commit_did_not_wait_for_the_replica_is_not_taken_for_stored()
    {
        Skip.If(PostgresServer.WhyNone is not null, PostgresServer.WhyNone);
        await using var server = await PostgresServer.StartAsync();
        await using var store = await TestGrid.OpenAsync(server.ConnectionString, _options);
        await AlterAsync(server, "synchronous_standby_names", "nobody");
        var key = new CursorKey("numbers", TestGrid.Shard);
        long version = 0;
        var error = await Assert.ThrowsAsync<StoreException>(async () =>
        {
            bool hasWaited;
            do
            {
                var move = MoveAsync(++version);
                hasWaited = await GiveUpWaitingAsync(server, move);
                Assert.Equal([true], await move);
            }
            while (!hasWaited);
        });
        Assert.True(error.IsTransient);
        Assert.Contains("replica", error.Message, StringComparison.Ordinal);
        // It may be there or not: who reads it finds out.
        Assert.Equal(version, Assert.Single(await store.Cursors.ReadAsync([key], default)).Version);

        Task<IReadOnlyList<bool>> MoveAsync(long to) => store.Cursors.MoveAsync([new CursorMove(key, new Cursor(to, TestGrid.First.Epoch, 0, 1000, 1))], default);
    }

    [SkippableFact]
    public async Task Multiplexing_in_the_connection_string_is_overruled_since_locks_belong_to_sessions()
    {
        await using (var source = Sessions.NewSource(TestServer.ConnectionString + ";Multiplexing=true", _options, 1, "", check: null))
        {
            Assert.False(new NpgsqlConnectionStringBuilder(source.ConnectionString).Multiplexing);
        }
        await using var store = await TestGrid.OpenAsync(TestServer.ConnectionString + ";Multiplexing=true", _options);
        await store.Cluster.OpenLeaseAsync(TestGrid.First.Owner, default);
        Assert.True(Assert.Single(await store.Cluster.ReadLeasesAsync(default)).IsPresent);
        Assert.True((await TestGrid.RaiseAsync(store, TestGrid.First)).Raised);
    }

    [Theory]
    [InlineData(9)]
    [InlineData(601)]
    [InlineData(10.5)]
    public void The_patience_with_a_silent_session_has_a_range(double seconds)
    {
        var options = new PostgreSqlStoreOptions { SessionPatience = TimeSpan.FromSeconds(seconds) };
        var error = Assert.Throws<ArgumentException>(() => new PostgreSqlStore("Host=nowhere", options));
        Assert.Contains("PostgreSqlStoreOptions.SessionPatience", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Has the server give up waiting for its replica, until the call has ended.</summary>
    /// <returns>Whether it has waited.</returns>
    private static async Task<bool> GiveUpWaitingAsync(PostgresServer server, Task call)
    {
        bool hasWaited = false;
        while (!call.IsCompleted)
        {
            string giveUp = "SELECT count(pg_cancel_backend(pid)) > 0 FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND application_name = 'actorgrid'";
            hasWaited |= (bool)(await TestServer.ExecuteAsync(server.ConnectionString, giveUp))!;
        }
        return hasWaited;
    }

    private static async Task AlterAsync(PostgresServer server, string setting, string value)
    {
        await TestServer.ExecuteAsync(server.ConnectionString, $"ALTER SYSTEM SET {setting} = '{value}'");
        await TestServer.ExecuteAsync(server.ConnectionString, "SELECT pg_reload_conf()");
        while (await TestServer.ExecuteAsync(server.ConnectionString, $"SHOW {setting}") is string now && now != value) await Task.Yield();
    }
}
