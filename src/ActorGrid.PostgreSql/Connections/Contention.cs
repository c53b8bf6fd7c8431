using ActorGrid.Persistence;
using Npgsql;

namespace ActorGrid.PostgreSql;

/// <summary>
/// Calls that must get at rows which others hold too. Whoever holds one of them for longer than a commit takes was stopped in the middle of it; the server is
/// told to end his session.
/// </summary>
internal sealed class Contention(Sessions sessions, PostgreSqlStoreOptions options, TimeProvider time)
{
    // Only who holds the row or the transaction that is waited for; a lock on the whole table is somebody's maintenance. One who waits himself was not stopped:
    // he holds a place in the queue, and goes on when the one before him is ended.
    private const string EndBlockers = """
        SELECT count(pg_terminate_backend(a.pid)) FROM pg_stat_activity a
        WHERE a.pid = ANY(pg_blocking_pids($1)) AND a.xact_start < clock_timestamp() - $2
            AND EXISTS (SELECT 1 FROM pg_locks l WHERE l.pid = $1 AND NOT l.granted AND l.locktype IN ('transactionid', 'tuple', 'spectoken'))
            AND NOT EXISTS (SELECT 1 FROM pg_locks l WHERE l.pid = a.pid AND NOT l.granted)
        """;

    /// <summary>Makes a call, and ends who blocks it meanwhile. It keeps its place in the queue, so that it is not starved.</summary>
    /// <param name="connection">The session on which it runs.</param>
    /// <param name="begin">Begins the call.</param>
    /// <param name="cancellationToken">Ends the ending; the call has to be cancelled by itself.</param>
    public async Task<T> RunAsync<T>(NpgsqlConnection connection, Func<NpgsqlConnection, Task<T>> begin, CancellationToken cancellationToken)
    {
        // Asked before: a connection that turns out to be broken has no number any more.
        int session = connection.ProcessID;
        var call = begin(connection);
        var failure = await EndBlockersAsync(session, call, cancellationToken);
        try
        {
            return await call;
        }
        catch (PostgresException) when (failure is not null)
        {
            // It waited in vain, and this is why.
            throw failure;
        }
    }

    /// <summary>Ends who blocks the call until it is over, and returns why that failed, if it did.</summary>
    private async Task<StoreException?> EndBlockersAsync(int session, Task call, CancellationToken cancellationToken)
    {
        StoreException? failure = null;
        while (true)
        {
            using var isOver = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var patience = Task.Delay(options.BlockerPatience, time, isOver.Token);
            await Task.WhenAny(call, patience);
            await isOver.CancelAsync();
            if (call.IsCompleted || cancellationToken.IsCancellationRequested) return failure;
            try
            {
                await sessions.Control.RepeatAsync(connection => EndBlockersOfAsync(session, connection), CancellationToken.None);
            }
            catch (StoreException e)
            {
                failure = e;
            }
        }
    }

    private async Task<long> EndBlockersOfAsync(int session, NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand(EndBlockers, connection);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = session });
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = options.BlockerPatience });
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
