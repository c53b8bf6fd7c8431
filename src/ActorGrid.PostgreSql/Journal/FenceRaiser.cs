using ActorGrid.Persistence;
using Npgsql;

namespace ActorGrid.PostgreSql;

/// <summary>
/// Raises fences: a committed transaction of its own, which waits for its turn at the rows of the shards. Whoever holds one of them for longer than a commit
/// takes was stopped in the middle of it; the server is told to end his session.
/// </summary>
internal sealed class FenceRaiser(Sessions sessions, PostgreSqlStoreOptions options, Timeline timeline, Tails tails, TimeProvider time)
{
    private const string Raise = """
        INSERT INTO shard AS s (shard, term, generation, owner, last_offset, youngest_reply, mark)
        SELECT u.shard, u.term, u.generation, u.owner, 0, 0, pg_current_xact_id() FROM unnest($1, $2, $3, $4) u (shard, term, generation, owner) ORDER BY u.shard
        ON CONFLICT (shard) DO UPDATE SET term = excluded.term, generation = excluded.generation, owner = excluded.owner, mark = excluded.mark
        WHERE (excluded.term, excluded.generation) > (s.term, s.generation)
        """;

    private const string Look = """
        SELECT s.shard, s.term, s.generation, s.owner, s.last_offset, s.youngest_reply, p.forgotten_before
        FROM shard s CROSS JOIN progress p WHERE s.shard = ANY($1)
        """;

    // Only who holds the row or the transaction that the raise waits for; a lock on the whole table is somebody's maintenance.
    private const string EndBlockers = """
        SELECT count(pg_terminate_backend(a.pid)) FROM pg_stat_activity a
        WHERE a.pid = ANY(pg_blocking_pids($1)) AND a.xact_start < clock_timestamp() - $2
            AND EXISTS (SELECT 1 FROM pg_locks l WHERE l.pid = $1 AND NOT l.granted AND l.locktype IN ('transactionid', 'tuple', 'spectoken'))
        """;

    public async Task<IReadOnlyList<FenceOutcome>> RaiseAsync(IReadOnlyList<FenceRaise> raises, CancellationToken cancellationToken)
    {
        if (raises.Count == 0) return [];
        var ordered = raises.OrderBy(raise => raise.Shard).ToArray();
        var rows = await sessions.Raisers.RepeatAsync(
            async connection =>
            {
                string raisedIn = timeline.Current;
                var raising = RaiseAsync(connection, ordered, cancellationToken);
                var failure = await EndBlockersAsync(connection.ProcessID, raising, cancellationToken);
                Dictionary<int, Row> found;
                try
                {
                    found = await raising;
                }
                catch (PostgresException) when (failure is not null)
                {
                    // It waited in vain, and this is why.
                    throw failure;
                }
                foreach (var raise in ordered)
                {
                    timeline.NoteRaise(raise.Shard, raisedIn);
                    tails.Forget(raise.Shard);
                }
                return found;
            },
            cancellationToken);
        return [.. raises.Select(raise =>
        {
            var row = rows[raise.Shard.Value];
            return new FenceOutcome(raise.Shard, row.Fence == raise.Fence, row.Fence, row.LastOffset, row.YoungestReply, row.ForgottenBefore);
        })];
    }

    private async Task<Dictionary<int, Row>> RaiseAsync(NpgsqlConnection connection, FenceRaise[] raises, CancellationToken cancellationToken)
    {
        int[] shards = [.. raises.Select(raise => raise.Shard.Value)];
        await using var batch = new NpgsqlBatch(connection) { Timeout = (int)(options.CommandTimeout + Sessions.RaiseLockTimeout).TotalSeconds };
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Raise)
            .With(shards)
            .With(raises.Select(raise => raise.Fence.Epoch.Term).ToArray())
            .With(raises.Select(raise => raise.Fence.Epoch.Generation).ToArray())
            .With(raises.Select(raise => raise.Fence.Owner).ToArray()));
        // The first statement holds all these rows, changed or not, so this one sees them as they are committed.
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Look).With(shards));
        var rows = new Dictionary<int, Row>(shards.Length);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var fence = new Fence(new Epoch(reader.GetInt64(1), reader.GetInt32(2)), reader.GetGuid(3));
            rows.Add(reader.GetInt32(0), new Row(fence, reader.GetInt64(4), reader.GetInt64(5), reader.GetInt64(6)));
        }
        await reader.NextResultAsync(cancellationToken);
        return rows;
    }

    /// <summary>Ends who blocks the raise, until it has ended. The raise keeps its place in the queue meanwhile, so that it is not starved.</summary>
    /// <returns>Why that failed, if it did.</returns>
    private async Task<StoreException?> EndBlockersAsync(int session, Task raising, CancellationToken cancellationToken)
    {
        StoreException? failure = null;
        while (true)
        {
            using var isOver = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var patience = Task.Delay(options.BlockerPatience, time, isOver.Token);
            await Task.WhenAny(raising, patience);
            await isOver.CancelAsync();
            if (raising.IsCompleted || cancellationToken.IsCancellationRequested) return failure;
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

    private readonly record struct Row(Fence Fence, long LastOffset, long YoungestReply, long ForgottenBefore);
}
