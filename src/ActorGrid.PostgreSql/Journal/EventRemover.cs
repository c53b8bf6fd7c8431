using ActorGrid.Persistence;
using Npgsql;

namespace ActorGrid.PostgreSql;

/// <summary>Removes events below snapshots, as one batch under the locks of the shards' rows: no fence is raised meanwhile, and nothing is appended.</summary>
internal sealed class EventRemover(Sessions sessions)
{
    private const string Lock = "SELECT count(*) FROM (SELECT 1 FROM shard WHERE shard = ANY($1) ORDER BY shard FOR UPDATE) locked";

    // Sees what was committed before the locks. A snapshot may be saved meanwhile, since that takes no lock on the shard: it is a newer one, and what stands below the older one stands below it.
    private const string Remove = """
        WITH judged AS MATERIALIZED (
            SELECT u.number::int AS number, u.shard, u.type, u.key, u.before, u.events_max, n.sequence, coalesce(g.removed_to, 0) AS removed_to, s.shard IS NOT NULL AS is_owned,
                least(s.last_offset - 1, CASE
                    WHEN EXISTS (SELECT 1 FROM unnest($10) w (name) WHERE NOT EXISTS (SELECT 1 FROM subscription c WHERE c.name = w.name AND c.shard = u.shard)) THEN 0
                    ELSE (SELECT min(c.done) FROM subscription c WHERE c.shard = u.shard) END) AS done
            FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9) WITH ORDINALITY u (shard, term, generation, owner, type, key, sequence, before, events_max, number)
            LEFT JOIN shard s ON s.shard = u.shard AND s.term = u.term AND s.generation = u.generation AND s.owner = u.owner
            LEFT JOIN snapshot n ON n.type = u.type AND n.key = u.key AND n.sequence = u.sequence
            LEFT JOIN entity_removal g ON g.type = u.type AND g.key = u.key),
        first AS (
            SELECT j.number, j.events_max, e.shard, e.shard_offset, e.sequence, e.sequence - j.removed_to AS place,
                bool_and(e.sequence = j.removed_to + e.place AND e.shard = j.shard AND e.shard_offset <= j.done AND e.at < j.before)
                    OVER (PARTITION BY j.number ORDER BY e.sequence) AS may_go
            FROM judged j CROSS JOIN LATERAL (
                SELECT f.*, row_number() OVER (ORDER BY f.sequence) AS place FROM (
                    SELECT e.shard, e.shard_offset, e.sequence, e.at FROM event e
                    WHERE e.type = j.type AND e.key = j.key AND e.sequence > j.removed_to AND e.sequence < j.sequence
                    ORDER BY e.sequence LIMIT j.events_max + 1) f) e
            WHERE j.is_owned AND j.sequence IS NOT NULL),
        gone AS MATERIALIZED (SELECT number, shard, shard_offset, sequence FROM first WHERE may_go AND place <= events_max),
        removed AS (DELETE FROM event e USING gone g WHERE e.shard = g.shard AND e.shard_offset = g.shard_offset),
        of_entity AS (
            INSERT INTO entity_removal SELECT j.type, j.key, max(g.sequence) FROM gone g JOIN judged j ON j.number = g.number GROUP BY j.type, j.key
            ON CONFLICT (type, key) DO UPDATE SET removed_to = excluded.removed_to),
        of_shard AS (
            INSERT INTO shard_removal AS s SELECT shard, max(shard_offset) FROM gone GROUP BY shard
            ON CONFLICT (shard) DO UPDATE SET removed_to = greatest(s.removed_to, excluded.removed_to))
        SELECT number, is_owned, sequence IS NOT NULL, (SELECT count(*) FROM gone g WHERE g.number = j.number),
            EXISTS (SELECT 1 FROM first f WHERE f.number = j.number AND f.may_go AND f.place > f.events_max)
        FROM judged j
        """;

    /// <summary>Not tried again on another connection: the first attempt may still wait for a lock, and would land after the answer of the second.</summary>
    public async Task<IReadOnlyList<RemovalOutcome>> RemoveAsync(IReadOnlyList<EventRemoval> removals, IReadOnlyList<string> subscriptions, CancellationToken cancellationToken)
    {
        try
        {
            return await sessions.Background.UseAsync(connection => RemoveAsync(connection, removals, subscriptions, cancellationToken), cancellationToken);
        }
        catch (Exception e) when (ServerFault.IsKnown(e))
        {
            throw ServerFault.Describe(e, sessions.Server);
        }
    }

    private static async Task<RemovalOutcome[]> RemoveAsync(
        NpgsqlConnection connection, IReadOnlyList<EventRemoval> removals, IReadOnlyList<string> subscriptions, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        int[] shards = [.. removals.Select(removal => removal.Shard.Value)];
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Lock).With(shards));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Remove)
            .With(shards)
            .With(removals.Select(removal => removal.Fence.Epoch.Term).ToArray()).With(removals.Select(removal => removal.Fence.Epoch.Generation).ToArray())
            .With(removals.Select(removal => removal.Fence.Owner).ToArray())
            .With(removals.Select(removal => removal.Entity.Type).ToArray()).With(removals.Select(removal => removal.Entity.Key).ToArray())
            .With(removals.Select(removal => removal.SnapshotSequence).ToArray()).With(removals.Select(removal => removal.BeforeUnixMs).ToArray())
            .With(removals.Select(removal => (long)removal.EventsMax).ToArray())
            .With(subscriptions.ToArray()));
        var outcomes = new RemovalOutcome[removals.Count];
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            outcomes[reader.GetInt32(0) - 1] = !reader.GetBoolean(1) ? new RemovalOutcome(RemovalStatus.Fenced)
                : !reader.GetBoolean(2) ? new RemovalOutcome(RemovalStatus.NoSuchSnapshot)
                : new RemovalOutcome(RemovalStatus.Removed, (int)reader.GetInt64(3), reader.GetBoolean(4));
        }
        // The commit comes with the last result.
        await reader.NextResultAsync(cancellationToken);
        return outcomes;
    }
}
