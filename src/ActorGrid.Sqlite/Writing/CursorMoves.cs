namespace ActorGrid.Sqlite;

/// <summary>How a cursor is moved: with those of subscriptions among other writes, and with that of a projection in its own transaction.</summary>
internal static class CursorMoves
{
    /// <summary>Changes one row if the cursor is the one before, else none. Parameters: name, shard, version, term, generation, done, given, issued at.</summary>
    public const string Sql = """
        INSERT INTO subscription (name, shard, version, term, generation, done, given, issued_at)
        SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 WHERE ?3 = 1 OR EXISTS (SELECT 1 FROM subscription WHERE name = ?1 AND shard = ?2)
        ON CONFLICT (name, shard) DO UPDATE SET
            version = excluded.version, term = excluded.term, generation = excluded.generation, done = excluded.done, given = excluded.given, issued_at = excluded.issued_at
        WHERE subscription.version = excluded.version - 1 AND subscription.done <= excluded.done
            AND (subscription.term, subscription.generation) <= (excluded.term, excluded.generation)
        """;
}
