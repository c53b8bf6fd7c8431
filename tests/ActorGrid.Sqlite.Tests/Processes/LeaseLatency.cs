using System.Globalization;
using ActorGrid.Cluster;

namespace ActorGrid.Sqlite.Tests;

/// <summary>How long a renewal takes beside processes that write all the time.</summary>
internal static class LeaseLatency
{
    /// <summary>Renews every 20 ms for some time, and returns the latencies in order.</summary>
    public static async Task<IReadOnlyList<TimeSpan>> MeasureAsync(IClusterStore cluster, TimeSpan time)
    {
        var self = new Guid("aaaaaaaa-0000-0000-0000-000000000001");
        await cluster.OpenLeaseAsync(self, default);
        var latencies = new List<TimeSpan>();
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        long started = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(started) < time)
        {
            long before = TimeProvider.System.GetTimestamp();
            Assert.False((await cluster.RenewLeaseAsync(self, [], default)).IsRevoked);
            latencies.Add(TimeProvider.System.GetElapsedTime(before));
            await pace.WaitForNextTickAsync();
        }
        latencies.Sort();
        return latencies;
    }

    public static string Describe(IReadOnlyList<TimeSpan> latencies) => string.Create(
        CultureInfo.InvariantCulture,
        $"{latencies.Count} renewals, ms: median {At(latencies, 0.5):0.0}, p99 {At(latencies, 0.99):0.0}, p99.9 {At(latencies, 0.999):0.0}, most {At(latencies, 1):0.0}");

    /// <summary>The program: a figure for the docs.</summary>
    public static async Task<int> RunAsync(string path, int writers, TimeSpan time)
    {
        ChildProcess[] children = [.. Enumerable.Range(0, writers).Select(i => new ChildProcess("bulk", path, $"{i}"))];
        try
        {
            await Task.WhenAll(children.Select(child => child.FirstLineAsync()));
            await using var store = new SqliteStore(new SqliteStoreOptions { Path = path, IsShared = true });
            await store.OpenAsync(BulkNode.Grid, default);
            long before = Count(path);
            var latencies = await MeasureAsync(store.Cluster, time);
            long events = Count(path) - before;
            Console.WriteLine(Describe(latencies));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"beside {writers} processes that wrote {events / time.TotalSeconds:0} events/s; -wal has {new FileInfo(path + "-wal").Length >> 20} MiB"));
            return 0;
        }
        finally
        {
            foreach (var child in children) child.Dispose();
        }
    }

    private static long Count(string path) => long.Parse(TestGrid.Query(path, "SELECT sum(last_offset) FROM shard")!, CultureInfo.InvariantCulture);

    private static double At(IReadOnlyList<TimeSpan> latencies, double share) => latencies[(int)(share * (latencies.Count - 1))].TotalMilliseconds;
}
