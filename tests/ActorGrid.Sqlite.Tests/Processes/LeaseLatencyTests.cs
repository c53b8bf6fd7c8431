namespace ActorGrid.Sqlite.Tests;

/// <summary>Leases go before all bulk writing, in whichever process. The bar, 100 ms at p99.9, is measured by the program; a test on a busy machine asks for less.</summary>
public sealed class LeaseLatencyTests : IAsyncLifetime
{
    private readonly SharedFile _file = new();
    private readonly List<ChildProcess> _writers = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var writer in _writers) writer.Dispose();
        await _file.DisposeAsync();
    }

    [Fact]
    public async Task A_lease_is_renewed_in_time_beside_four_processes_that_write()
    {
        for (int i = 0; i < 4; i++) _writers.Add(new ChildProcess("bulk", _file.FilePath, $"{i}"));
        await Task.WhenAll(_writers.Select(writer => writer.FirstLineAsync()));
        var store = await _file.OpenAsync(BulkNode.Grid);
        var latencies = await LeaseLatency.MeasureAsync(store.Cluster, TimeSpan.FromSeconds(2));
        Assert.True(latencies[^1] < TimeSpan.FromSeconds(1), LeaseLatency.Describe(latencies));
    }
}
