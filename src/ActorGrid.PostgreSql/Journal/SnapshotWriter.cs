using ActorGrid.Persistence;
using Npgsql;

namespace ActorGrid.PostgreSql;

/// <summary>Saves snapshots. They take no lock on the shard, so they hold no append up: an event that is in the journal stays as it is, and the state after it
/// is true whoever owns the shard by the time that it is written.</summary>
internal sealed class SnapshotWriter(Sessions sessions, PostgreSqlStoreOptions options)
{
    // Judged and written in one statement: of the same moment.
    private const string Save = """
        WITH judged AS MATERIALIZED (
            SELECT u.number::int AS number, u.type, u.key, u.sequence, u.event_term, u.event_generation, u.at, u.payload,
                EXISTS (SELECT 1 FROM shard s WHERE s.shard = u.shard AND s.term = u.term AND s.generation = u.generation AND s.owner = u.owner) AS is_owned,
                EXISTS (SELECT 1 FROM event e WHERE e.type = u.type AND e.key = u.key AND e.sequence = u.sequence
                    AND e.term = u.event_term AND e.generation = u.event_generation) AS is_written
            FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) WITH ORDINALITY
                u (shard, term, generation, owner, type, key, sequence, event_term, event_generation, at, payload, number)),
        saved AS (
            INSERT INTO snapshot AS n (type, key, sequence, term, generation, at, payload)
            SELECT type, key, sequence, event_term, event_generation, at, payload FROM judged WHERE is_owned AND is_written
            ON CONFLICT (type, key) DO UPDATE SET
                sequence = excluded.sequence, term = excluded.term, generation = excluded.generation, at = excluded.at, payload = excluded.payload
            WHERE excluded.sequence > n.sequence)
        SELECT number, is_owned, is_written FROM judged
        """;

    private const long BytesMax = 64 << 20, BytesPerSecondOfTimeout = 8 << 20;

    public async Task<IReadOnlyList<SnapshotOutcome>> SaveAsync(IReadOnlyList<SnapshotWrite> snapshots, CancellationToken cancellationToken)
    {
        var outcomes = new SnapshotOutcome[snapshots.Count];
        foreach (var some in Group(snapshots))
        {
            await sessions.Background.RepeatAsync(connection => SaveAsync(connection, [.. some.Select(index => snapshots[index])], (i, outcome) => outcomes[some[i]] = outcome), cancellationToken);
        }
        return outcomes;
    }

    private async Task<bool> SaveAsync(NpgsqlConnection connection, SnapshotWrite[] writes, Action<int, SnapshotOutcome> judge)
    {
        int seconds = (int)(options.CommandTimeout.TotalSeconds + (writes.Sum(write => (long)write.Snapshot.Payload.Length) / BytesPerSecondOfTimeout));
        await using var batch = new NpgsqlBatch(connection) { Timeout = seconds };
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Save)
            .With(writes.Select(write => write.Shard.Value).ToArray())
            .With(writes.Select(write => write.Fence.Epoch.Term).ToArray()).With(writes.Select(write => write.Fence.Epoch.Generation).ToArray())
            .With(writes.Select(write => write.Fence.Owner).ToArray())
            .With(writes.Select(write => write.Snapshot.Entity.Type).ToArray()).With(writes.Select(write => write.Snapshot.Entity.Key).ToArray())
            .With(writes.Select(write => write.Snapshot.Sequence).ToArray())
            .With(writes.Select(write => write.Snapshot.Epoch.Term).ToArray()).With(writes.Select(write => write.Snapshot.Epoch.Generation).ToArray())
            .With(writes.Select(write => write.Snapshot.AtUnixMs).ToArray())
            .With(writes.Select(write => write.Snapshot.Payload).ToArray()));
        await using var reader = await batch.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            judge(reader.GetInt32(0) - 1, !reader.GetBoolean(1) ? SnapshotOutcome.Fenced : reader.GetBoolean(2) ? SnapshotOutcome.Saved : SnapshotOutcome.NoSuchEvent);
        }
        await reader.NextResultAsync();
        return true;
    }

    /// <summary>Indices in groups of a bounded size, in each of which an entity comes once, as a statement can write a row but once.</summary>
    private static IEnumerable<List<int>> Group(IReadOnlyList<SnapshotWrite> snapshots)
    {
        var group = new List<int>();
        var entities = new HashSet<EntityId>();
        long bytes = 0;
        for (int i = 0; i < snapshots.Count; i++)
        {
            var snapshot = snapshots[i].Snapshot;
            if (group.Count > 0 && (!entities.Add(snapshot.Entity) || bytes + snapshot.Payload.Length > BytesMax))
            {
                yield return group;
                group = [];
                entities.Clear();
                bytes = 0;
            }
            entities.Add(snapshot.Entity);
            group.Add(i);
            bytes += snapshot.Payload.Length;
        }
        if (group.Count > 0) yield return group;
    }
}
