using System.Diagnostics;
using System.Globalization;
using ActorGrid.Persistence;
using ActorGrid.PostgreSql.Server;

namespace ActorGrid.PostgreSql.Tests;

/// <summary>The primary dies, and its standby takes over: two servers, one of which follows the other.</summary>
public sealed class FailoverTests
{
    private static readonly Dictionary<string, string> WaitsForAStandby = new(StringComparer.Ordinal) { ["synchronous_standby_names"] = "ANY 1 (*)" };

    /// <summary>The second server has no standby of its own, which the store would ask for.</summary>
    private static readonly PostgreSqlStoreOptions Options = new() { AllowLossOnStoreFailover = true };

    /// <summary>What takes a second; the driver by itself looks at a server that was a standby again after 10 s.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(6);

    [SkippableFact]
    public async Task What_was_acknowledged_is_on_the_standby_and_it_is_found_soon_after_it_was_promoted()
    {
        Skip.If(PostgresServer.WhyNone is not null, PostgresServer.WhyNone);
        await using var primary = await PostgresServer.StartAsync(settings: WaitsForAStandby);
        await using var standby = await PostgresServer.StartStandbyAsync(primary);
        string both = string.Create(
            CultureInfo.InvariantCulture, $"Host={primary.Host}:{primary.Port},{standby.Host}:{standby.Port};Username=postgres;Database=postgres");
        await using var store = await TestGrid.OpenAsync(both, Options);
        await TestGrid.RaiseAsync(store, TestGrid.First);
        for (int offset = 0; offset < 20; offset += 2)
        {
            Assert.Equal(AppendStatus.Committed, (await TestGrid.AppendAsync(store, offset, TestGrid.First, count: 2)).Status);
        }

        await primary.KillAsync();
        var between = await TestGrid.AppendAsync(store, 20, TestGrid.First, count: 2);
        Assert.True(between.Error is { IsTransient: true }, $"{between}");
        // The sessions are gone: it looks at both, and finds one dead and one that is no primary.
        var next = TestGrid.First with { Epoch = new Epoch(1, 1) };
        Assert.True((await Assert.ThrowsAsync<StoreException>(() => TestGrid.RaiseAsync(store, next))).IsTransient);
        await standby.PromoteAsync();

        long promotedAt = Stopwatch.GetTimestamp();
        Assert.Equal(20, await TestGrid.RaiseUntilItGoesAsync(store, next));
        Assert.True(Stopwatch.GetElapsedTime(promotedAt) < Soon, $"It took {Stopwatch.GetElapsedTime(promotedAt)} to find the new primary.");
        Assert.Equal(AppendStatus.Committed, (await TestGrid.AppendAsync(store, 20, next, count: 2)).Status);
        Assert.Equal(Enumerable.Range(1, 22).Select(static i => (long)i), (await TestGrid.ReadAsync(store)).Select(static e => e.Offset));
    }
}
