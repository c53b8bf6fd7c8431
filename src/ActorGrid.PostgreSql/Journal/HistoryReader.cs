using ActorGrid.Persistence;
using Npgsql;

namespace ActorGrid.PostgreSql;

/// <summary>Reads histories: of entities, each from its snapshot on, and of shards.</summary>
internal sealed class HistoryReader(Sessions sessions)
{
    // One statement, so that snapshots and events are of the same moment. What is known of the entity comes as a row without a manifest: its snapshot, if that is asked for, and in the place of an offset up to
    // which event it was removed.
    private const string ReadEntities = """
        WITH read AS MATERIALIZED (
            SELECT u.number::int AS number, u.type, u.key, u.after, u.rows_max, n.sequence, n.term, n.generation, n.at, n.payload, g.removed_to
            FROM unnest($1, $2, $3, $4) WITH ORDINALITY u (type, key, after, rows_max, number)
            LEFT JOIN snapshot n ON u.after < 0 AND n.type = u.type AND n.key = u.key
            LEFT JOIN entity_removal g ON g.type = u.type AND g.key = u.key)
        SELECT number, sequence, at, NULL AS manifest, payload, coalesce(removed_to, 0) AS shard_offset, term, generation FROM read WHERE sequence IS NOT NULL OR removed_to IS NOT NULL
        UNION ALL
        SELECT r.number, e.sequence, e.at, e.manifest, e.payload, e.shard_offset, e.term, e.generation FROM read r
        CROSS JOIN LATERAL (
            SELECT * FROM event e WHERE e.type = r.type AND e.key = r.key AND e.sequence > greatest(r.after, coalesce(r.sequence, 0))
            ORDER BY e.sequence LIMIT r.rows_max) e
        """;

    private const string ReadShard = """
        SELECT type, key, sequence, at, manifest, payload, shard_offset, term, generation FROM event
        WHERE shard = $1 AND shard_offset > $2 ORDER BY shard_offset LIMIT $3
        """;

    // After the events: what was gone when these were read is told by then.
    private const string ReadRemoved = "SELECT removed_to FROM shard_removal WHERE shard = $1";

    public Task<IReadOnlyList<EntityPage>> ReadEntitiesAsync(IReadOnlyList<EntityRead> reads, CancellationToken cancellationToken) => sessions.Readers.RepeatAsync<IReadOnlyList<EntityPage>>(
        async connection =>
        {
            await using var batch = new NpgsqlBatch(connection);
            batch.BatchCommands.Add(new NpgsqlBatchCommand(ReadEntities)
                .With(reads.Select(read => read.Entity.Type).ToArray()).With(reads.Select(read => read.Entity.Key).ToArray())
                .With(reads.Select(read => read.AfterSequence ?? -1).ToArray())
                // One more tells whether there is more.
                .With(reads.Select(read => read.EventsMax + 1L).ToArray()));
            var pages = reads.Select(read => new PageBuilder(read)).ToArray();
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken)) pages[reader.GetInt32(0) - 1].Add(reader);
            return [.. pages.Select(page => page.Build(sessions.Server))];
        },
        cancellationToken);

    public Task<ShardPage> ReadShardAsync(ShardId shard, long afterOffset, int eventsMax, CancellationToken cancellationToken) => sessions.Readers.RepeatAsync(
        async connection =>
        {
            await using var batch = new NpgsqlBatch(connection);
            batch.BatchCommands.Add(new NpgsqlBatchCommand(ReadShard).With(shard.Value).With(afterOffset).With((long)eventsMax));
            batch.BatchCommands.Add(new NpgsqlBatchCommand(ReadRemoved).With(shard.Value));
            var events = new List<StoredEvent>();
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken)) events.Add(Event(reader));
            await reader.NextResultAsync(cancellationToken);
            return new ShardPage(events, await reader.ReadAsync(cancellationToken) ? reader.GetInt64(0) : 0);
        },
        cancellationToken);

    private static StoredEvent Event(NpgsqlDataReader row) => new(
        new JournalEvent(new EntityId(row.GetString(0), row.GetString(1)), row.GetInt64(2), row.GetString(4), row.GetInt64(3), row.GetFieldValue<byte[]>(5)),
        row.GetInt64(6),
        new Epoch(row.GetInt64(7), row.GetInt32(8)));

    /// <summary>Gathers the page of one entity.</summary>
    private sealed class PageBuilder(EntityRead read)
    {
        private readonly List<StoredEvent> _events = [];
        private SnapshotRecord? _snapshot;
        private string _manifest = "";
        private long _removedTo;

        public void Add(NpgsqlDataReader row)
        {
            bool isEvent = !row.IsDBNull(3);
            if (!isEvent) _removedTo = row.GetInt64(5);
            if (row.IsDBNull(1)) return;
            long sequence = row.GetInt64(1), at = row.GetInt64(2);
            var epoch = new Epoch(row.GetInt64(6), row.GetInt32(7));
            byte[] payload = row.GetFieldValue<byte[]>(4);
            if (!isEvent)
            {
                _snapshot = new SnapshotRecord(read.Entity, sequence, epoch, at, payload);
                return;
            }
            // Most events have the manifest of the one before, and share its text.
            string manifest = row.GetString(3);
            if (!string.Equals(manifest, _manifest, StringComparison.Ordinal)) _manifest = manifest;
            _events.Add(new StoredEvent(new JournalEvent(read.Entity, sequence, _manifest, at, payload), row.GetInt64(5), epoch));
        }

        public EntityPage Build(string server)
        {
            long before = Math.Max(read.AfterSequence ?? _snapshot?.Sequence ?? 0, _removedTo);
            foreach (var e in _events)
            {
                if (e.Event.Sequence != ++before) throw new StoreException($"Event {before} of {read.Entity} is gone from {server}. Restore a backup.", isTransient: false);
            }
            bool hasMore = _events.Count > read.EventsMax;
            if (hasMore) _events.RemoveAt(_events.Count - 1);
            return new EntityPage(read.Entity, _snapshot, _events, hasMore, _removedTo);
        }
    }
}
