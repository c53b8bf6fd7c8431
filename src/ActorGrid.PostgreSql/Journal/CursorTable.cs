using ActorGrid.Persistence;
using Npgsql;

namespace ActorGrid.PostgreSql;

/// <summary>The cursors of subscriptions.</summary>
internal sealed class CursorTable(Sessions sessions, PostgreSqlStoreOptions options)
{
    private const string Find = """
        SELECT u.number::int, s.version, s.term, s.generation, s.done, s.given, s.issued_at
        FROM unnest($1, $2) WITH ORDINALITY u (name, shard, number) JOIN subscription s ON s.name = u.name AND s.shard = u.shard
        """;

    // The first version is inserted where there is none; a later one finds the one before, or changes nothing. In the order of the keys, so that two such statements do not wait for
    // each other. With its schema: the session of a projection has another search path.
    private readonly string _moves = $"""
        INSERT INTO "{options.Schema}".subscription AS s (name, shard, version, term, generation, done, given, issued_at)
        SELECT u.name, u.shard, u.version, u.term, u.generation, u.done, u.given, u.issued_at
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8) u (name, shard, version, term, generation, done, given, issued_at)
        WHERE u.version = 1 OR EXISTS (SELECT 1 FROM "{options.Schema}".subscription o WHERE o.name = u.name AND o.shard = u.shard)
        ORDER BY u.name COLLATE "C", u.shard
        ON CONFLICT (name, shard) DO UPDATE SET
            version = excluded.version, term = excluded.term, generation = excluded.generation, done = excluded.done, given = excluded.given, issued_at = excluded.issued_at
        WHERE s.version = excluded.version - 1 AND s.done <= excluded.done AND (s.term, s.generation) <= (excluded.term, excluded.generation)
        RETURNING s.name, s.shard
        """;

    public Task<IReadOnlyList<Cursor>> ReadAsync(IReadOnlyList<CursorKey> keys, CancellationToken cancellationToken) => sessions.Readers.RepeatAsync<IReadOnlyList<Cursor>>(
        async connection =>
        {
            await using var batch = new NpgsqlBatch(connection);
            batch.BatchCommands.Add(new NpgsqlBatchCommand(Find).With(keys.Select(key => key.Name).ToArray()).With(keys.Select(key => key.Shard.Value).ToArray()));
            var cursors = new Cursor[keys.Count];
            Array.Fill(cursors, Cursor.None);
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                cursors[reader.GetInt32(0) - 1] = new Cursor(
                    reader.GetInt64(1), new Epoch(reader.GetInt64(2), reader.GetInt32(3)), reader.GetInt64(4), reader.GetInt64(5), reader.GetInt64(6));
            }
            return cursors;
        },
        cancellationToken);

    /// <summary>Not tried again on another connection: the first attempt may have moved what the second finds moved.</summary>
    public async Task<IReadOnlyList<bool>> MoveAsync(IReadOnlyList<CursorMove> moves, CancellationToken cancellationToken)
    {
        try
        {
            return await sessions.Background.UseAsync<IReadOnlyList<bool>>(
                async connection =>
                {
                    bool isReplicaWaitGivenUp = false;
                    void OnNotice(object sender, NpgsqlNoticeEventArgs e) => isReplicaWaitGivenUp |= e.Notice.Routine is "SyncRepWaitForLSN";
                    connection.Notice += OnNotice;
                    try
                    {
                        var moved = await MoveAsync(connection, transaction: null, moves, cancellationToken);
                        // A claim that only this server has may be gone after a fail-over, and events would be given again under other ids.
                        if (isReplicaWaitGivenUp) throw new StoreException("The cursors of subscriptions may be stored on one server alone: it gave up waiting for its replica.", isTransient: true);
                        return [.. moves.Select(move => moved.Contains(move.Key))];
                    }
                    finally
                    {
                        connection.Notice -= OnNotice;
                    }
                },
                cancellationToken);
        }
        catch (Exception e) when (ServerFault.IsKnown(e))
        {
            throw ServerFault.Describe(e, sessions.Server);
        }
    }

    /// <summary>Moves cursors, and gives those that were moved.</summary>
    public async Task<HashSet<CursorKey>> MoveAsync(
        NpgsqlConnection connection, NpgsqlTransaction? transaction, IReadOnlyList<CursorMove> moves, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection, transaction);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(_moves)
            .With(moves.Select(move => move.Key.Name).ToArray()).With(moves.Select(move => move.Key.Shard.Value).ToArray())
            .With(moves.Select(move => move.To.Version).ToArray())
            .With(moves.Select(move => move.To.Epoch.Term).ToArray()).With(moves.Select(move => move.To.Epoch.Generation).ToArray())
            .With(moves.Select(move => move.To.Offset).ToArray()).With(moves.Select(move => move.To.GivenTo).ToArray())
            .With(moves.Select(move => move.To.IssuedAtUnixMs).ToArray()));
        var moved = new HashSet<CursorKey>();
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken)) moved.Add(new CursorKey(reader.GetString(0), new ShardId(reader.GetInt32(1))));
        return moved;
    }
}
