using ActorGrid.Persistence;

namespace ActorGrid.Sqlite.Tests;

/// <summary>A file may be had by one process and, at another time, be shared; never both.</summary>
public sealed class ModeTests : IAsyncLifetime
{
    private readonly SharedFile _file = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _file.DisposeAsync();

    [Fact]
    public async Task A_file_goes_from_one_mode_to_the_other_with_its_fences_and_events()
    {
        await TestGrid.MakeAsync(_file.FilePath, 10);
        var later = new Fence(new Epoch(2, 0), new Guid(2, 0, 0, new byte[8]));
        await using (var store = new SqliteStore(_file.Options))
        {
            await store.OpenAsync(TestGrid.Identity, default);
            Assert.Equal(TestGrid.First, Assert.Single(await store.Journal.ReadFencesAsync(default)).Fence);
            Assert.Equal(10, await TestGrid.CountAsync(store));
            // A cluster begins at term 1; a file of one node may be further, and its fence stays as it is.
            var refused = (await store.Journal.RaiseFencesAsync([new FenceRaise(TestGrid.Shard, TestGrid.First with { Owner = later.Owner })], default))[0];
            Assert.Equal((false, TestGrid.First), (refused.Raised, refused.Current));
            var raised = (await store.Journal.RaiseFencesAsync([new FenceRaise(TestGrid.Shard, later)], default))[0];
            Assert.Equal((true, 10), (raised.Raised, raised.LastOffset));
            Assert.Equal(AppendStatus.Fenced, (await TestGrid.AppendAsync(store, 10)).Status);
            Assert.Equal(AppendStatus.Committed, await AppendAsync(store, later, 10));
        }
        await using (var store = await TestGrid.OpenAsync(_file.FilePath))
        {
            Assert.Equal(11, await TestGrid.CountAsync(store));
            Assert.Equal(AppendStatus.Fenced, (await TestGrid.AppendAsync(store, 11)).Status);
            Assert.Equal(AppendStatus.Committed, await AppendAsync(store, later, 11));
        }
        Assert.Equal(12, await TestGrid.CountAsync(await _file.OpenAsync()));
    }

    [Fact]
    public async Task Who_has_a_file_for_itself_keeps_all_others_out()
    {
        await using var store = await TestGrid.OpenAsync(_file.FilePath);
        var error = await Assert.ThrowsAsync<StoreException>(() => _file.OpenAsync());
        Assert.Contains("IsShared", error.Message, StringComparison.Ordinal);
        Assert.Contains("has it for itself", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_shares_a_file_keeps_out_who_wants_it_for_itself()
    {
        await _file.OpenAsync();
        var error = await Assert.ThrowsAsync<StoreException>(() => TestGrid.OpenAsync(_file.FilePath));
        Assert.Contains("IsShared", error.Message, StringComparison.Ordinal);
        await _file.OpenAsync();
    }

    [Fact]
    public async Task A_store_of_one_process_has_no_cluster()
    {
        await using var store = await TestGrid.OpenAsync(_file.FilePath);
        Assert.Contains("IsShared", Assert.Throws<InvalidOperationException>(() => store.Cluster).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_that_make_a_file_at_once_make_one_grid()
    {
        var stores = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => _file.OpenAsync())));
        await TestGrid.RaiseAsync(stores[0]);
        Assert.Equal(AppendStatus.Committed, (await TestGrid.AppendAsync(stores[0], 0, 5)).Status);
        foreach (var store in stores) Assert.Equal(5, await TestGrid.CountAsync(store));
        var error = await Assert.ThrowsAsync<StoreException>(() => _file.OpenAsync(new GridIdentity("other", 4)));
        Assert.Contains("grid 'test'", error.Message, StringComparison.Ordinal);
    }

    private static async Task<AppendStatus> AppendAsync(SqliteStore store, Fence fence, long offset) => (await store.Journal.AppendAsync(
        [new ShardAppend(TestGrid.Shard, fence, offset, [new JournalEvent(TestGrid.Alice, offset + 1, "deposited", 1, new byte[1])], [], [], [])], default))[0].Status;
}
