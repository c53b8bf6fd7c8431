using ActorGrid.Persistence;
using Npgsql;

namespace ActorGrid.PostgreSql;

/// <summary>Reads what is kept beside the events: fences, replies, timers, attachments, and which entities there are.</summary>
internal sealed class IndexReader(Sessions sessions)
{
    private const string Fences = "SELECT shard, term, generation, owner FROM shard";

    private const string Reply = """
        SELECT p.forgotten_before, r.kind, r.payload FROM progress p LEFT JOIN reply r ON r.command = $1 AND r.type = $2 AND r.key = $3
        """;

    private const string Timers = """
        SELECT type, key, name, due, set_sequence, manifest, payload FROM timer
        WHERE shard = $1 AND (due, type, key, name) > ($2, $3, $4, $5) ORDER BY due, type, key, name LIMIT $6
        """;

    private const string Attachment = "SELECT payload FROM attachment WHERE type = $1 AND key = $2 AND name = $3";

    // From type to type along the index, whatever number of events lies between.
    private const string EntityTypes = """
        WITH RECURSIVE listed AS (
            (SELECT type FROM event ORDER BY type LIMIT 1)
            UNION ALL
            SELECT (SELECT e.type FROM event e WHERE e.type > l.type ORDER BY e.type LIMIT 1) FROM listed l WHERE l.type IS NOT NULL)
        SELECT type FROM listed WHERE type IS NOT NULL
        """;

    // From key to key along the index, whatever number of events lies between.
    private const string Entities = """
        WITH RECURSIVE listed AS (
            (SELECT key FROM event WHERE type = $1 AND key > $2 ORDER BY key LIMIT 1)
            UNION ALL
            SELECT (SELECT e.key FROM event e WHERE e.type = $1 AND e.key > l.key ORDER BY e.key LIMIT 1) FROM listed l WHERE l.key IS NOT NULL)
        SELECT key FROM listed WHERE key IS NOT NULL LIMIT $3
        """;

    public Task<IReadOnlyList<(ShardId Shard, Fence Fence)>> ReadFencesAsync(CancellationToken cancellationToken) => ReadAsync<(ShardId, Fence)>(
        new NpgsqlBatchCommand(Fences),
        static row => (new ShardId(row.GetInt32(0)), new Fence(new Epoch(row.GetInt64(1), row.GetInt32(2)), row.GetGuid(3))),
        cancellationToken);

    public async Task<ReplyLookUp> FindReplyAsync(EntityId entity, CommandId command, CancellationToken cancellationToken) => (await ReadAsync(
        new NpgsqlBatchCommand(Reply).With(command.ToUuid()).With(entity.Type).With(entity.Key),
        row => new ReplyLookUp(row.IsDBNull(1) ? null : new ReplyRecord(entity, command, (ReplyKind)row.GetInt32(1), row.GetFieldValue<byte[]>(2)), row.GetInt64(0)),
        cancellationToken))[0];

    public Task<IReadOnlyList<TimerRecord>> ReadTimersAsync(ShardId shard, TimerPosition? after, int timersMax, CancellationToken cancellationToken)
    {
        // Nothing is due before the beginning, nor has an empty name.
        var position = after ?? new TimerPosition(long.MinValue, new EntityId("", ""), "");
        return ReadAsync(
            new NpgsqlBatchCommand(Timers).With(shard.Value)
                .With(position.DueUnixMs).With(position.Entity.Type).With(position.Entity.Key).With(position.Name).With((long)timersMax),
            static row => new TimerRecord(
                new EntityId(row.GetString(0), row.GetString(1)), row.GetString(2), row.GetInt64(3), row.GetInt64(4), row.GetString(5), row.GetFieldValue<byte[]>(6)),
            cancellationToken);
    }

    public async Task<ReadOnlyMemory<byte>?> ReadAttachmentAsync(EntityId entity, string name, CancellationToken cancellationToken)
    {
        var found = await ReadAsync(
            new NpgsqlBatchCommand(Attachment).With(entity.Type).With(entity.Key).With(name), static row => row.GetFieldValue<byte[]>(0), cancellationToken);
        // The cast matters: a bare null would become an empty memory, by way of an array.
        return found.Count == 0 ? (ReadOnlyMemory<byte>?)null : found[0];
    }

    public Task<IReadOnlyList<string>> ListEntityTypesAsync(CancellationToken cancellationToken) =>
        ReadAsync(new NpgsqlBatchCommand(EntityTypes), static row => row.GetString(0), cancellationToken);

    public Task<IReadOnlyList<string>> ListEntitiesAsync(string type, string? afterKey, int keysMax, CancellationToken cancellationToken) => ReadAsync(
        new NpgsqlBatchCommand(Entities).With(type).With(afterKey ?? "").With((long)keysMax), static row => row.GetString(0), cancellationToken);

    private Task<IReadOnlyList<T>> ReadAsync<T>(NpgsqlBatchCommand command, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken) => sessions.Readers.RepeatAsync<IReadOnlyList<T>>(
        async connection =>
        {
            await using var batch = new NpgsqlBatch(connection);
            batch.BatchCommands.Add(command);
            var rows = new List<T>();
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken)) rows.Add(read(reader));
            return rows;
        },
        cancellationToken);
}
