using ActorGrid.Actors;

namespace ActorGrid.Persistence.Tests;

/// <summary>A node without a cluster, on the store of a grid that has roles.</summary>
public sealed class AloneTests
{
    [Fact]
    public async Task A_node_alone_refuses_the_store_of_a_grid_with_roles_and_touches_no_fence()
    {
        await using var store = new InMemoryStore();
        var grid = new GridIdentity("shop", 4);
        await store.OpenAsync(grid, default);
        await store.Archive.WriteAsync(Rows());
        await using var system = new ActorSystem();

        var error = await Assert.ThrowsAsync<StoreException>(() => EntityHost.StartAsync(system, store, grid, [EntityType.Create<Account>("account", AccountJson.Default)]));

        Assert.False(error.IsTransient);
        Assert.Contains("has roles: shard 6 had an owner", error.Message, StringComparison.Ordinal);
        Assert.Contains("Listen", error.Message, StringComparison.Ordinal);
        Assert.Single(await store.Journal.ReadFencesAsync(default));

        static async IAsyncEnumerable<ArchiveRow> Rows()
        {
            await Task.CompletedTask;
            yield return new ArchivedHorizon(0);
            yield return new ArchivedRole("worker", 4);
            yield return new ArchivedShard(new ShardId(6), new Fence(new Epoch(1, 0), Guid.NewGuid()), 0, 0);
        }
    }
}
