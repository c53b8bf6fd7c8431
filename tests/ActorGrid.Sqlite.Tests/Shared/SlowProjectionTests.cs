using ActorGrid.Conformance;
using ActorGrid.Persistence;

namespace ActorGrid.Sqlite.Tests;

/// <summary>A projection has the turn to write for as long as it runs.</summary>
public sealed class SlowProjectionTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly EntityType Type = EntityType.Create<Tally>("tally", TallyJson.Default);

    private readonly SharedFile _file = new() { BusyTimeout = TimeSpan.FromMilliseconds(200) };

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _file.DisposeAsync();

    [Fact]
    public async Task While_a_projection_runs_no_node_of_the_host_renews_its_lease()
    {
        var stores = new[] { await _file.OpenAsync(), await _file.OpenAsync() };
        Guid[] nodes = [.. stores.Select(static _ => Guid.NewGuid())];
        for (int i = 0; i < 2; i++) await stores[i].Cluster.OpenLeaseAsync(nodes[i], default);
        var events = new[] { new StoredEvent(new JournalEvent(EntityId.Create("tally", "t"), 1, "counted", 1, "{\"By\":5}"u8.ToArray()), 1, TestGrid.First.Epoch) };
        var isAtIt = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var mayEnd = new ManualResetEventSlim();
        var projection = Totals.NewProjection(() =>
        {
            isAtIt.SetResult();
            mayEnd.Wait(Patience);
        });
        var move = new CursorMove(new CursorKey("totals", TestGrid.Shard), new Cursor(1, TestGrid.First.Epoch, 1, 1, 0));
        var projecting = ((IEventProjector)projection.Bind(Type, stores[0])).ProjectAsync(move, events, default);
        await isAtIt.Task.WaitAsync(Patience);

        for (int i = 0; i < 2; i++) Assert.True((await Assert.ThrowsAsync<StoreException>(() => stores[i].Cluster.RenewLeaseAsync(nodes[i], [], default).WaitAsync(Patience))).IsTransient);

        mayEnd.Set();
        Assert.True(await projecting.WaitAsync(Patience));
        for (int i = 0; i < 2; i++) Assert.Equal(1, (await stores[i].Cluster.RenewLeaseAsync(nodes[i], [], default)).Number);
    }
}
