using ActorGrid.Persistence;
using SQLitePCL;

namespace ActorGrid.Sqlite.Tests;

/// <summary>A connection that cannot roll back: nothing of the transaction is seen, and nothing more is written through it.</summary>
public sealed class RollbackTests : IAsyncLifetime
{
    private readonly TemporaryFile _file = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _file.DisposeAsync();

    [Fact]
    public async Task A_rollback_that_fails_stops_the_writing_and_leaves_no_trace()
    {
        await TestGrid.MakeAsync(_file.FilePath);
        var runs = new PendingRuns();
        using (var database = Database.Open(_file.FilePath, readOnly: false, TimeSpan.Zero))
        {
            _ = raw.sqlite3_set_authorizer(
                database.Handle,
                (_, action, operation, _, _, _) =>
                    action == raw.SQLITE_TRANSACTION && operation.utf8_to_string() is "ROLLBACK" ? raw.SQLITE_DENY : raw.SQLITE_OK,
                null);
            var queue = new WorkQueue<WriteRequest>(10);
            var failing = Append(queue, 10, fails: true);
            var next = Append(queue, 10, fails: false);
            queue.Close();
            var options = new SqliteStoreOptions { Path = _file.FilePath };
            using var projector = new Projector(_file.FilePath, options);
            var loop = new WriterLoop(database, new JournalWriter(database, runs, options), queue, turn: null, bound: null, projector, _file.FilePath);
            loop.Run();
            loop.Finish();
            var lost = await Assert.ThrowsAsync<StoreException>(() => failing);
            var refused = await Assert.ThrowsAsync<StoreException>(() => next);
            Assert.All([lost, refused], error => Assert.Contains("has stopped writing", error.Message, StringComparison.Ordinal));
        }
        Assert.Equal(0, runs.Count);
        await using var store = await TestGrid.OpenAsync(_file.FilePath);
        Assert.Equal(10, await TestGrid.CountAsync(store));
        Assert.Equal(AppendStatus.Committed, (await TestGrid.AppendAsync(store, 10)).Status);
    }

    /// <summary>Asks for an append in a transaction of its own, which may fail once the append is in it.</summary>
    private static Task<AppendOutcome> Append(WorkQueue<WriteRequest> queue, long offset, bool fails)
    {
        var append = new ShardAppend(
            TestGrid.Shard, TestGrid.First, offset, [new JournalEvent(TestGrid.Alice, offset + 1, "m", 1, default)], [], [], []);
        var request = new WriteRequest<AppendOutcome>(
            (writer, _) =>
            {
                var outcome = writer.Append(append);
                return fails ? throw new InvalidOperationException("boom") : outcome;
            },
            outcomeOf: null)
        {
            Rows = int.MaxValue / 2,
            Cancellation = default,
        };
        Assert.True(queue.TryAdd(request));
        return request.Task;
    }
}
