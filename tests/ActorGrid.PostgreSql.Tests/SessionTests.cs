using ActorGrid.Persistence;
using Npgsql;

namespace ActorGrid.PostgreSql.Tests;

/// <summary>One kind of call does not hold up another, and no session outlives its store or its lease.</summary>
public sealed class SessionTests : IAsyncLifetime
{
    private readonly PostgreSqlStoreOptions _options = TestServer.NewOptions();

    private string Name => $"sessions-{_options.Schema}";

    private string Named => $"{TestServer.ConnectionString};Application Name={Name}";

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (TestServer.WhyNone is null) await TestServer.DropAsync(_options);
    }

    [SkippableFact]
    public async Task Snapshots_and_forgetting_that_take_their_time_hold_up_neither_view_nor_leases_nor_appends()
    {
        await using var store = await TestGrid.OpenAsync(Named, _options);
        await store.Cluster.OpenLeaseAsync(TestGrid.First.Owner, default);
        await TestGrid.RaiseAsync(store, TestGrid.First);
        Assert.Equal(AppendStatus.Committed, (await TestGrid.AppendAsync(store, 0, TestGrid.First)).Status);
        var write = new SnapshotWrite(TestGrid.Shard, TestGrid.First, new SnapshotRecord(TestGrid.Alice, 1, TestGrid.First.Epoch, 1, new byte[1]));
        await using var outsider = await TestServer.ConnectAsync($"{TestServer.ConnectionString};Search Path={_options.Schema}");
        await using var transaction = await outsider.BeginTransactionAsync();
        await using (var command = new NpgsqlCommand("LOCK TABLE snapshot, progress", outsider)) await command.ExecuteNonQueryAsync();
        Task[] slow = [.. Enumerable.Range(0, 8).Select(i => i % 2 == 0 ? (Task)store.Snapshots.SaveAsync([write], default) : store.Journal.ForgetRepliesAsync(1, 10, default))];
        Assert.True(await store.Cluster.WriteViewAsync(TestGrid.FirstView(), [], default).WaitAsync(TestGrid.Patience));
        Assert.Equal(1, (await store.Cluster.ReadViewAsync(default).WaitAsync(TestGrid.Patience)).Version);
        Assert.Single(await store.Cluster.ReadLeasesAsync(default).WaitAsync(TestGrid.Patience));
        Assert.Equal(AppendStatus.Fenced, (await TestGrid.AppendAsync(store, 7, TestGrid.First)).Status);
        Assert.DoesNotContain(slow, call => call.IsCompleted);
        await transaction.RollbackAsync();
        await Task.WhenAll(slow).WaitAsync(TestGrid.Patience);
    }

    [SkippableFact]
    public async Task A_call_that_is_too_slow_costs_its_own_connection_and_no_other()
    {
        await using var store = await TestGrid.OpenAsync(Named, _options with { CommandTimeout = TimeSpan.FromSeconds(1) });
        await TestGrid.RaiseAsync(store, TestGrid.First);
        Assert.Equal(AppendStatus.Committed, (await TestGrid.AppendAsync(store, 0, TestGrid.First)).Status);
        await store.Cluster.ReadLeasesAsync(default);
        int[] before = await PidsAsync();
        await using var outsider = await TestServer.ConnectAsync($"{TestServer.ConnectionString};Search Path={_options.Schema}");
        await using var transaction = await outsider.BeginTransactionAsync();
        await using (var command = new NpgsqlCommand("LOCK TABLE timer", outsider)) await command.ExecuteNonQueryAsync();
        var error = await Assert.ThrowsAsync<StoreException>(() => store.Journal.ReadTimersAsync(TestGrid.Shard, null, 10, default));
        Assert.True(error.IsTransient);
        await transaction.RollbackAsync();
        Assert.Empty(before.Except(await PidsAsync()));
    }

    [SkippableFact]
    public async Task A_store_that_is_disposed_while_it_opens_leaves_no_session()
    {
        await using var way = TestGrid.WayTo(TestServer.ConnectionString);
        var store = new PostgreSqlStore(TestGrid.Through(way, Named), _options);
        way.Hold();
        var opening = store.OpenAsync(TestGrid.Identity, default);
        await store.DisposeAsync();
        way.Release();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => opening.WaitAsync(TestGrid.Patience));
        while ((await PidsAsync()).Length > 0) await Task.Yield();
        Assert.Throws<InvalidOperationException>(() => store.Cluster);
    }

    [SkippableFact]
    public async Task A_lease_that_has_ended_is_let_go_and_a_new_session_takes_the_others_only()
    {
        await using var way = TestGrid.WayTo(TestServer.ConnectionString);
        await using var store = await TestGrid.OpenAsync(TestGrid.Through(way, Named), _options);
        Guid[] incarnations = [.. Enumerable.Range(0, 3).Select(_ => Guid.NewGuid())];
        foreach (var incarnation in incarnations) await store.Cluster.OpenLeaseAsync(incarnation, default);
        await store.Cluster.EndLeaseAsync(incarnations[0], default);
        await store.Cluster.EndLeaseAsync(incarnations[0], default);
        Assert.Equal(2, await LocksAsync());
        await TestServer.ExecuteAsync(TestServer.ConnectionString, $"SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity WHERE application_name = '{Name}'");
        Assert.Equal(0, await LocksAsync());
        Assert.False((await store.Cluster.RenewLeaseAsync(incarnations[1], [], default)).IsRevoked);
        Assert.Equal(2, await LocksAsync());
        var rows = (await store.Cluster.ReadLeasesAsync(default)).ToDictionary(row => row.Incarnation);
        Assert.Equal([false, true, true], incarnations.Select(incarnation => rows[incarnation].IsPresent));
    }

    private async Task<int[]> PidsAsync() =>
        (int[])(await TestServer.ExecuteAsync(TestServer.ConnectionString, $"SELECT coalesce(array_agg(pid), '{{}}') FROM pg_stat_activity WHERE application_name = '{Name}'"))!;

    private async Task<long> LocksAsync() => (long)(await TestServer.ExecuteAsync(
        TestServer.ConnectionString,
        $"SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE l.locktype = 'advisory' AND a.application_name = '{Name}'"))!;
}
