using ActorGrid.Persistence;

namespace ActorGrid.Sqlite.Tests;

/// <summary>A source of rows that does not go on, and looks at no token: the thread that writes must not wait for it for ever.</summary>
public sealed class StalledArchiveTests : IAsyncDisposable
{
    private static readonly GridIdentity Grid = new("stalled", 2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TemporaryFile _file = new();
    private readonly TaskCompletionSource _stalls = new(TaskCreationOptions.RunContinuationsAsynchronously), _goesOn = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ValueTask DisposeAsync()
    {
        _goesOn.TrySetResult();
        return _file.DisposeAsync();
    }

    [Fact]
    public async Task The_caller_can_cancel_it_and_the_store_goes_on()
    {
        await using var store = new SqliteStore(_file.FilePath);
        await store.OpenAsync(Grid, default);
        using var stop = new CancellationTokenSource();
        var written = store.Archive.WriteAsync(RowsAsync(), stop.Token);
        await _stalls.Task.WaitAsync(Patience);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => written.WaitAsync(Patience));
        await store.Archive.WriteAsync(NoneAsync()).WaitAsync(Patience);
    }

    [Fact]
    public async Task The_store_can_be_closed()
    {
        var store = new SqliteStore(_file.FilePath);
        await store.OpenAsync(Grid, default);
        var written = store.Archive.WriteAsync(RowsAsync());
        await _stalls.Task.WaitAsync(Patience);
        await store.DisposeAsync().AsTask().WaitAsync(Patience);
        Assert.Contains("Nothing was written", (await Assert.ThrowsAsync<StoreException>(() => written)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_source_that_somebody_else_cancelled_is_no_cancellation_by_the_caller()
    {
        await using var store = new SqliteStore(_file.FilePath);
        await store.OpenAsync(Grid, default);
        var own = new OperationCanceledException("The download was stopped.");
        Assert.Same(own, await Assert.ThrowsAsync<OperationCanceledException>(() => store.Archive.WriteAsync(CancelledAsync(own))));
    }

    private async IAsyncEnumerable<ArchiveRow> RowsAsync()
    {
        yield return new ArchivedHorizon(3);
        _stalls.SetResult();
        await _goesOn.Task;
    }

    private static async IAsyncEnumerable<ArchiveRow> NoneAsync()
    {
        await Task.CompletedTask;
        yield return new ArchivedHorizon(0);
    }

    private static async IAsyncEnumerable<ArchiveRow> CancelledAsync(Exception own)
    {
        yield return new ArchivedHorizon(0);
        await Task.CompletedTask;
        throw own;
    }
}
