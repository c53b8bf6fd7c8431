using System.Globalization;
using ActorGrid.Conformance;
using ActorGrid.Persistence;
using Npgsql;

namespace ActorGrid.PostgreSql.Tests;

/// <summary>Projections into tables of the database.</summary>
public sealed class PostgreSqlProjections : ProjectionConformance
{
    private string _schema = "", _table = "";

    protected override ITestDatabase NewDatabase()
    {
        var database = new TestDatabase();
        // Beside the schema of the grid, as tables of a user's are; it goes with the database of the tests.
        (_schema, _table) = (database.Schema, $"total_{database.Schema}");
        return database;
    }

    protected override Subscription NewProjection(Action during) => NewProjection((_, _) =>
    {
        during();
        return Task.CompletedTask;
    });

    protected override async Task<long> ReadTotalAsync() =>
        await TestServer.ExecuteAsync(TestServer.ConnectionString, $"SELECT to_regclass('{_table}')::text") is DBNull or null
            ? 0
            : (long)(await TestServer.ExecuteAsync(TestServer.ConnectionString, $"SELECT coalesce(sum(sum), 0)::bigint FROM {_table}"))!;

    [SkippableFact]
    public async Task A_connection_that_is_ended_before_the_commit_leaves_nothing()
    {
        var events = await WriteTallyAsync(10);
        var projection = NewProjection((transaction, token) => ExecuteAsync(transaction, "SELECT pg_terminate_backend(pg_backend_pid())", token));
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => ProjectAsync(projection, Move(1, 10), events));
        Assert.Equal((0, Cursor.None), (await ReadTotalAsync(), await CursorAsync()));
        Assert.True(await ProjectAsync(NewProjection(static () => { }), Move(1, 10), events));
        Assert.Equal(55, await ReadTotalAsync());
    }

    [SkippableFact]
    public async Task A_statement_that_failed_and_was_caught_is_not_taken_for_a_commit()
    {
        var events = await WriteTallyAsync(10);
        var projection = NewProjection(static async (transaction, token) =>
        {
            try
            {
                await ExecuteAsync(transaction, "SELECT 1 / 0", token);
            }
            catch (PostgresException)
            {
                // As who does not know that the server has given the transaction up by now.
            }
        });
        await Assert.ThrowsAsync<PostgresException>(() => ProjectAsync(projection, Move(1, 10), events));
        Assert.Equal((0, Cursor.None), (await ReadTotalAsync(), await CursorAsync()));
    }

    [SkippableFact]
    public async Task A_second_runner_waits_for_the_first_and_then_finds_the_cursor_moved()
    {
        var events = await WriteTallyAsync(10);
        TaskCompletionSource isWritten = new(TaskCreationOptions.RunContinuationsAsynchronously), mayCommit = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var slow = NewProjection(async (_, _) =>
        {
            isWritten.SetResult();
            await mayCommit.Task;
        });
        var first = ProjectAsync(slow, Move(1, 10), events);
        await isWritten.Task.WaitAsync(TimeSpan.FromSeconds(30));
        var second = ProjectAsync(NewProjection(static () => throw new InvalidOperationException("It does not come to this.")), Move(1, 10), events);
        // Its move of the cursor waits for the lock that the first has on it.
        string waits = $"SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%\"{_schema}\".subscription%'";
        while (!(bool)(await TestServer.ExecuteAsync(TestServer.ConnectionString, waits))!) Assert.False(second.IsCompleted, $"It has not waited: {second.Status} {second.Exception}");
        mayCommit.SetResult();
        Assert.True(await first);
        Assert.False(await second);
        Assert.Equal(55, await ReadTotalAsync());
    }

    private Subscription NewProjection(Func<NpgsqlTransaction, CancellationToken, Task> during) => PostgreSqlProjection.Create<Tally, TallyEvent>("totals", async (transaction, events, token) =>
    {
        await ExecuteAsync(transaction, $"CREATE TABLE IF NOT EXISTS {_table} (one int PRIMARY KEY, sum bigint NOT NULL)", token);
        foreach (var e in events)
        {
            string sql = $"INSERT INTO {_table} VALUES (1, {((Counted)e.Event).By.ToString(CultureInfo.InvariantCulture)}) ON CONFLICT (one) DO UPDATE SET sum = {_table}.sum + excluded.sum";
            await ExecuteAsync(transaction, sql, token);
        }
        await during(transaction, token);
    });

    private static async Task ExecuteAsync(NpgsqlTransaction transaction, string sql, CancellationToken token)
    {
        await using var command = new NpgsqlCommand(sql, transaction.Connection, transaction);
        await command.ExecuteNonQueryAsync(token);
    }
}
