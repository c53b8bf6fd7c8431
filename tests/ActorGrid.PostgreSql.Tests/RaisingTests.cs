using ActorGrid.Cluster;
using ActorGrid.Persistence;
using Npgsql;

namespace ActorGrid.PostgreSql.Tests;

/// <summary>A fence is raised whatever the former owner does: goes on, or has stopped in the middle of a commit.</summary>
public sealed class RaisingTests : IAsyncLifetime
{
    private readonly PostgreSqlStoreOptions _options = TestServer.NewOptions();
    private PostgreSqlStore? _store;

    private PostgreSqlStore Store => _store!;

    public async Task InitializeAsync() => _store = await TestGrid.OpenAsync(TestServer.ConnectionString, _options);

    public async Task DisposeAsync()
    {
        await Store.DisposeAsync();
        await TestServer.DropAsync(_options);
    }

    [SkippableFact]
    public async Task It_is_not_starved_by_sixteen_connections_that_append()
    {
        const int Writers = 16;
        await using var busy = await TestGrid.OpenAsync(TestServer.ConnectionString, _options with { WriterConnectionsMax = Writers });
        await Store.Journal.RaiseFencesAsync([.. Enumerable.Range(0, Writers + 2).Select(i => new FenceRaise(new ShardId(i), TestGrid.First))], default);
        using var isOver = new CancellationTokenSource();
        long appends = 0;
        var writers = Enumerable.Range(2, Writers).Select(own => Task.Run(async () =>
        {
            // All of them lock the row of the first shard, for whose offset only one of them can be right.
            for (long offset = 0; !isOver.IsCancellationRequested; offset++)
            {
                await busy.Journal.AppendAsync([TestGrid.Append(offset, TestGrid.First), new ShardAppend(new ShardId(own), TestGrid.First, 0, [], [], [], [])], default);
                Interlocked.Increment(ref appends);
            }
        })).ToArray();
        for (int term = 2; term < 8; term++)
        {
            long before = Interlocked.Read(ref appends);
            var raised = await TestGrid.RaiseAsync(Store, TestGrid.First with { Epoch = new Epoch(term, 0) });
            Assert.True(raised.Raised);
            Assert.Equal(raised.LastOffset, (await TestGrid.ReadAsync(Store)).Count);
            while (Interlocked.Read(ref appends) < before + Writers) await Task.Yield();
        }
        await isOver.CancelAsync();
        await Task.WhenAll(writers).WaitAsync(TestGrid.Patience);
    }

    [SkippableTheory]
    [InlineData("UPDATE shard SET last_offset = last_offset + 1 WHERE shard = 1")]
    [InlineData("SELECT * FROM shard WHERE shard = 1 FOR UPDATE")]
    [InlineData("SELECT * FROM shard WHERE shard = 1 FOR SHARE")]
    public async Task A_transaction_that_holds_the_row_and_has_stopped_is_ended(string sql)
    {
        await TestGrid.RaiseAsync(Store, TestGrid.First);
        await AssertEndedAsync(sql);
    }

    [SkippableFact]
    public Task The_first_raise_of_another_that_has_stopped_is_ended() =>
        AssertEndedAsync($"INSERT INTO shard VALUES (1, 1, 0, '{Guid.Empty}', 0, 0, pg_current_xact_id())");

    [SkippableFact]
    public async Task An_owner_that_stops_in_the_middle_of_sending_an_append_does_not_hold_it_up()
    {
        await using var way = TestGrid.WayTo(TestServer.ConnectionString);
        await using var owner = await TestGrid.OpenAsync(TestGrid.Through(way, TestServer.ConnectionString), _options);
        await TestGrid.RaiseAsync(owner, TestGrid.First);
        for (int i = 0; i < 3; i++) Assert.Equal(AppendStatus.Committed, (await TestGrid.AppendAsync(owner, i, TestGrid.First)).Status);
        way.HoldAfter(200_000);
        var append = TestGrid.AppendAsync(owner, 3, TestGrid.First, count: 500, bytes: 2000);
        // The server has the row's lock taken for it, and waits for the rest.
        while (!(bool)(await TestServer.ExecuteAsync(TestServer.ConnectionString, $"SELECT count(*) = 1 FROM pg_locks WHERE relation = '{_options.Schema}.shard'::regclass AND mode = 'RowExclusiveLock'"))!)
        {
            Assert.False(append.IsCompleted);
        }
        var next = new Fence(new Epoch(2, 0), Guid.NewGuid());
        var raised = await TestGrid.RaiseAsync(Store, next);
        Assert.Equal((true, 3L), (raised.Raised, raised.LastOffset));
        Assert.Equal(3, (await TestGrid.ReadAsync(Store)).Count);
        way.Release();
        Assert.Equal(AppendStatus.Unknown, (await append).Status);
        Assert.Equal(AppendStatus.Fenced, (await TestGrid.AppendAsync(owner, 3, TestGrid.First)).Status);
        Assert.Equal(AppendStatus.Committed, (await TestGrid.AppendAsync(Store, 3, next)).Status);
    }

    [SkippableFact]
    public async Task Nothing_is_committed_after_a_raise_of_another_node_that_its_reads_do_not_show()
    {
        await using var other = await TestGrid.OpenAsync(TestServer.ConnectionString, _options);
        PostgreSqlStore[] nodes = [Store, other];
        var fence = TestGrid.First;
        long offset = 0;
        for (int round = 1; round <= 40; round++)
        {
            PostgreSqlStore owner = nodes[round % 2], heir = nodes[(round + 1) % 2];
            var own = fence;
            long first = (await TestGrid.RaiseAsync(owner, own)).LastOffset;
            Assert.Equal(offset, first);
            var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var writing = Task.Run(async () =>
            {
                for (long at = first; ; at += 3)
                {
                    var outcome = await TestGrid.AppendAsync(owner, at, own, count: 3);
                    if (outcome.Status != AppendStatus.Committed)
                    {
                        started.TrySetResult();
                        return (at, outcome);
                    }
                    if (at > first + (round % 5)) started.TrySetResult();
                }
            });
            await started.Task.WaitAsync(TestGrid.Patience);
            fence = new Fence(new Epoch(round + 1, 0), Guid.NewGuid());
            var raised = await TestGrid.RaiseAsync(heir, fence);
            long seen = offset + (await TestGrid.ReadAsync(heir, offset)).Count;
            var (acknowledged, end) = await writing.WaitAsync(TestGrid.Patience);
            Assert.True(end.Status == AppendStatus.Fenced, $"round {round}: {end}");
            Assert.Equal((raised.LastOffset, raised.LastOffset), (seen, acknowledged));
            Assert.Empty(await TestGrid.ReadAsync(heir, raised.LastOffset));
            offset = raised.LastOffset;
        }
    }

    [SkippableTheory]
    [InlineData("SELECT * FROM view FOR UPDATE")]
    [InlineData("SELECT * FROM lease FOR SHARE")]
    public async Task A_node_that_has_stopped_in_the_middle_of_changing_the_view_is_ended_by_the_next_change(string sql)
    {
        var incarnation = Guid.NewGuid();
        await Store.Cluster.OpenLeaseAsync(incarnation, default);
        await using var stopped = await TestServer.ConnectAsync($"{TestServer.ConnectionString};Search Path={_options.Schema}");
        await using var transaction = await stopped.BeginTransactionAsync();
        await using (var command = new NpgsqlCommand(sql, stopped)) await command.ExecuteNonQueryAsync();
        Assert.True(await Store.Cluster.WriteViewAsync(TestGrid.FirstView(), [new Revocation(incarnation, null)], default).WaitAsync(TestGrid.Patience));
        Assert.Equal(1, (await Store.Cluster.ReadViewAsync(default)).Version);
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => transaction.CommitAsync());
    }

    private async Task AssertEndedAsync(string sql)
    {
        await using var stopped = await TestServer.ConnectAsync($"{TestServer.ConnectionString};Search Path={_options.Schema}");
        await using var transaction = await stopped.BeginTransactionAsync();
        await using (var command = new NpgsqlCommand(sql, stopped)) await command.ExecuteNonQueryAsync();
        var raised = await TestGrid.RaiseAsync(Store, new Fence(new Epoch(2, 0), Guid.NewGuid()));
        Assert.Equal((true, 0L), (raised.Raised, raised.LastOffset));
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => transaction.CommitAsync());
    }
}
