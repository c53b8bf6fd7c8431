using System.Diagnostics;
using ActorGrid.Persistence;
using ActorGrid.PostgreSql.Server;

namespace ActorGrid.PostgreSql.Tests;

/// <summary>The server goes, comes back, hangs, or begins a new timeline: nothing acknowledged is lost or doubled, and nobody waits for long.</summary>
public sealed class OutageTests
{
    private static readonly PostgreSqlStoreOptions Options = new() { CommandTimeout = TimeSpan.FromSeconds(5) };

    [SkippableFact]
    public async Task Nothing_is_lost_or_doubled_over_restarts_in_the_middle_of_appends()
    {
        Skip.If(PostgresServer.WhyNone is not null, PostgresServer.WhyNone);
        await using var server = await PostgresServer.StartAsync();
        await using var store = await TestGrid.OpenAsync(server.ConnectionString, Options);
        await TestGrid.RaiseAsync(store, TestGrid.First);
        using var isOver = new CancellationTokenSource();
        int acknowledged = 0, unknown = 0;
        var writing = Task.Run(async () =>
        {
            var fence = TestGrid.First;
            long offset = 0;
            while (!isOver.IsCancellationRequested)
            {
                var outcome = await TestGrid.AppendAsync(store, offset, fence, count: 2);
                if (outcome.Status == AppendStatus.Committed)
                {
                    offset += 2;
                    Interlocked.Increment(ref acknowledged);
                }
                else if (outcome.Status == AppendStatus.Unknown)
                {
                    unknown++;
                    fence = fence with { Epoch = new Epoch(1, fence.Epoch.Generation + 1) };
                    long last = await TestGrid.RaiseUntilItGoesAsync(store, fence);
                    // It is there whole, or not at all.
                    Assert.True(last == offset || last == offset + 2, $"{offset} was acknowledged, {last} is stored");
                    offset = last;
                }
                else
                {
                    Assert.True(outcome is { Status: AppendStatus.Refused, Error.IsTransient: true }, $"{outcome}");
                }
            }
            return offset;
        });
        for (int i = 0; i < 4; i++)
        {
            int before = Volatile.Read(ref acknowledged);
            while (Volatile.Read(ref acknowledged) < before + 20 && !writing.IsCompleted) await Task.Yield();
            if (i % 2 == 0) await server.KillAsync();
            else await server.StopAsync();
            await server.StartAgainAsync();
        }
        int last = Volatile.Read(ref acknowledged);
        while (Volatile.Read(ref acknowledged) < last + 20 && !writing.IsCompleted) await Task.Yield();
        await isOver.CancelAsync();
        long offset = await writing.WaitAsync(TestGrid.Patience);
        var events = await TestGrid.ReadAsync(store);
        Assert.Equal(Enumerable.Range(1, (int)offset).Select(i => (long)i), events.Select(e => e.Offset));
        Assert.Equal(Enumerable.Range(1, (int)offset).Select(i => (long)i), events.Select(e => e.Event.Sequence));
        Assert.True(offset >= acknowledged * 2L, $"{acknowledged} appends were acknowledged, of {unknown} it was not known");
    }

    [SkippableFact]
    public async Task A_lease_is_present_again_after_a_restart_of_the_server()
    {
        Skip.If(PostgresServer.WhyNone is not null, PostgresServer.WhyNone);
        await using var server = await PostgresServer.StartAsync();
        await using var store = await TestGrid.OpenAsync(server.ConnectionString, Options);
        var incarnation = Guid.NewGuid();
        await store.Cluster.OpenLeaseAsync(incarnation, default);
        await server.RestartAsync();
        Assert.Equal(1, (await store.Cluster.RenewLeaseAsync(incarnation, [], default)).Number);
        Assert.True(Assert.Single(await store.Cluster.ReadLeasesAsync(default)).IsPresent);
        await server.StopAsync();
        var error = await Assert.ThrowsAsync<StoreException>(() => store.Cluster.RenewLeaseAsync(incarnation, [], default));
        Assert.True(error.IsTransient);
        var outcome = await TestGrid.AppendAsync(store, 0, TestGrid.First);
        Assert.True(outcome is { Status: AppendStatus.Refused or AppendStatus.Unknown, Error.IsTransient: true }, $"{outcome}");
    }

    [SkippableFact]
    public async Task A_server_that_hangs_is_noticed_within_the_timeout()
    {
        var options = TestServer.NewOptions() with { CommandTimeout = TimeSpan.FromSeconds(1), ConnectTimeout = TimeSpan.FromSeconds(1) };
        await using var way = TestGrid.WayTo(TestServer.ConnectionString);
        await using var store = await TestGrid.OpenAsync(TestGrid.Through(way, TestServer.ConnectionString), options with { });
        await TestGrid.RaiseAsync(store, TestGrid.First);
        Assert.Equal(AppendStatus.Committed, (await TestGrid.AppendAsync(store, 0, TestGrid.First)).Status);
        way.Hold();
        long started = Stopwatch.GetTimestamp();
        var outcome = await TestGrid.AppendAsync(store, 1, TestGrid.First);
        var error = await Assert.ThrowsAsync<StoreException>(() => TestGrid.ReadAsync(store));
        var waited = Stopwatch.GetElapsedTime(started);
        Assert.Equal(AppendStatus.Unknown, outcome.Status);
        Assert.True(outcome.Error!.IsTransient && error.IsTransient);
        Assert.InRange(waited, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(15));
        way.Release();
        await TestServer.DropAsync(options);
    }

    [SkippableFact]
    public async Task After_a_fail_over_of_the_server_an_owner_raises_its_fence_anew()
    {
        Skip.If(PostgresServer.WhyNone is not null, PostgresServer.WhyNone);
        await using var server = await PostgresServer.StartAsync();
        await using var store = await TestGrid.OpenAsync(server.ConnectionString, Options);
        await TestGrid.RaiseAsync(store, TestGrid.First);
        Assert.Equal(AppendStatus.Committed, (await TestGrid.AppendAsync(store, 0, TestGrid.First)).Status);
        // What a standby does that takes over.
        await server.StopAsync();
        await File.WriteAllTextAsync(Path.Combine(server.DataFolder, "standby.signal"), "");
        await server.StartAgainAsync();
        Assert.NotEqual(AppendStatus.Committed, (await TestGrid.AppendAsync(store, 1, TestGrid.First)).Status);
        Assert.Equal(true, await TestServer.ExecuteAsync(server.ConnectionString, "SELECT pg_promote(true, 60)"));
        // It makes the first connection on the new timeline itself.
        var outcome = await TestGrid.AppendAsync(store, 1, TestGrid.First);
        Assert.Equal(AppendStatus.Unknown, outcome.Status);
        Assert.Contains("failed over", outcome.Error!.Message, StringComparison.Ordinal);
        var next = TestGrid.First with { Epoch = new Epoch(1, 1) };
        Assert.Equal(1, (await TestGrid.RaiseAsync(store, next)).LastOffset);
        Assert.Equal(AppendStatus.Committed, (await TestGrid.AppendAsync(store, 1, next)).Status);
    }
}
