using ActorGrid.Conformance;
using ActorGrid.Persistence;

namespace ActorGrid.Cluster.Tests;

internal sealed class InMemoryClusterDatabase : ITestClusterDatabase
{
    private InMemoryClusterStore? _store;

    public Task<IClusterStore> ConnectAsync(GridIdentity grid) => Task.FromResult((_store ??= new InMemoryClusterStore(grid)).Connect());

    public Task KillAsync(IClusterStore connection)
    {
        _store!.Disconnect(connection);
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => default;
}

public sealed class InMemoryViewTests : ViewConformance
{
    protected override ITestClusterDatabase NewDatabase() => new InMemoryClusterDatabase();
}

public sealed class InMemoryLeaseTests : LeaseConformance
{
    protected override ITestClusterDatabase NewDatabase() => new InMemoryClusterDatabase();
}

public sealed class InMemoryClusterStoreTests
{
    [Fact]
    public void A_connection_of_another_store_is_not_broken_here()
    {
        var grid = new GridIdentity("test", 8);
        Assert.Throws<ArgumentException>(() => new InMemoryClusterStore(grid).Disconnect(new InMemoryClusterStore(grid).Connect()));
    }

    [Fact]
    public async Task A_view_that_does_not_follow_is_refused()
    {
        var store = new InMemoryClusterStore(new GridIdentity("test", 8)).Connect();
        var view = await store.ReadViewAsync(default);
        var leap = view.Change(version: 1, shards: view.Shards.SetItem(0, new ShardOwnership(Guid.Empty, 5, Guid.Empty)));
        await Assert.ThrowsAsync<InvalidOperationException>(() => store.WriteViewAsync(leap, [], default));
    }
}
