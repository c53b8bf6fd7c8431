using System.Diagnostics.CodeAnalysis;
using ActorGrid.Persistence;

namespace ActorGrid.Sqlite;

/// <summary>What is kept beside the events, read by its key.</summary>
internal sealed partial class JournalReader
{
    private Statement _readFences, _findReply, _readTimers, _findAttachment, _nextType, _listEntities, _findCursor;

    [MemberNotNull(nameof(_readFences), nameof(_findReply), nameof(_readTimers), nameof(_findAttachment), nameof(_nextType), nameof(_listEntities), nameof(_findCursor))]
    private void PrepareIndices(Database database)
    {
        _readFences = database.Prepare("SELECT shard, term, generation, owner FROM shard");
        _findReply = database.Prepare("""
            SELECT forgotten_before, kind, payload FROM progress
            LEFT JOIN reply ON command = ? AND entity = (SELECT id FROM entity WHERE type = ? AND key = ?)
            """);
        _readTimers = database.Prepare("""
            SELECT type, key, name, due, set_sequence, manifest, payload FROM timer
            WHERE shard = ? AND (due, type, key, name) > (?, ?, ?, ?) ORDER BY due, type, key, name LIMIT ?
            """);
        _findAttachment = database.Prepare("""
            SELECT payload FROM attachment WHERE entity = (SELECT id FROM entity WHERE type = ? AND key = ?) AND name = ?
            """);
        _nextType = database.Prepare("SELECT type FROM entity WHERE type > ? AND has_events = 1 ORDER BY type LIMIT 1");
        _listEntities = database.Prepare("SELECT key FROM entity WHERE type = ? AND key > ? AND has_events = 1 ORDER BY key LIMIT ?");
        _findCursor = database.Prepare("SELECT version, term, generation, done, given, issued_at FROM subscription WHERE name = ? AND shard = ?");
    }

    public Cursor ReadCursor(CursorKey key) => ReadAll(
        _findCursor.Bind(1, key.Name).Bind(2, key.Shard.Value),
        static row => new Cursor(row.Number(0), new Epoch(row.Number(1), (int)row.Number(2)), row.Number(3), row.Number(4), row.Number(5))) is [var cursor] ? cursor : Cursor.None;

    public IReadOnlyList<(ShardId Shard, Fence Fence)> ReadFences() => ReadAll(
        _readFences,
        static row => (new ShardId((int)row.Number(0)), new Fence(new Epoch(row.Number(1), (int)row.Number(2)), row.Guid(3))));

    public ReplyLookUp FindReply(EntityId entity, CommandId command)
    {
        Span<byte> bytes = stackalloc byte[16];
        command.WriteTo(bytes);
        _findReply.Bind(1, bytes).Bind(2, entity.Type).Bind(3, entity.Key);
        return ReadAll(
            _findReply,
            row => new ReplyLookUp(
                row.IsNull(1) ? null : new ReplyRecord(entity, command, (ReplyKind)row.Number(1), row.Bytes(2).ToArray()), row.Number(0)))[0];
    }

    public IReadOnlyList<TimerRecord> ReadTimers(ShardId shard, TimerPosition? after, int timersMax)
    {
        var (due, entity, name) = after ?? new TimerPosition(long.MinValue, new EntityId("", ""), "");
        _readTimers.Bind(1, shard.Value).Bind(2, due).Bind(3, entity.Type).Bind(4, entity.Key).Bind(5, name).Bind(6, timersMax);
        return ReadAll(
            _readTimers,
            static row => new TimerRecord(
                new EntityId(row.Text(0), row.Text(1)), row.Text(2), row.Number(3), row.Number(4), row.Text(5), row.Bytes(6).ToArray()));
    }

    public ReadOnlyMemory<byte>? ReadAttachment(EntityId entity, string name)
    {
        _findAttachment.Bind(1, entity.Type).Bind(2, entity.Key).Bind(3, name);
        var found = ReadAll(_findAttachment, static row => row.Bytes(0).ToArray());
        // The cast matters: a bare null would become an empty memory, by way of an array.
        return found.Count == 0 ? (ReadOnlyMemory<byte>?)null : found[0];
    }

    public IReadOnlyList<string> ListEntityTypes()
    {
        // From type to type along the index of entities: those of a type that was found are skipped. Those without events are not, as long as their type has not been found.
        var types = new List<string>();
        while (ReadAll(_nextType.Bind(1, types.Count == 0 ? "" : types[^1]), static row => row.Text(0)) is [var next]) types.Add(next);
        return types;
    }

    public IReadOnlyList<string> ListEntities(string type, string? afterKey, int keysMax) =>
        ReadAll(_listEntities.Bind(1, type).Bind(2, afterKey ?? "").Bind(3, keysMax), static row => row.Text(0));

    /// <summary>Reads to the end, so that the statement is reset and its transaction over.</summary>
    private static List<T> ReadAll<T>(Statement statement, Func<Statement, T> read)
    {
        var rows = new List<T>();
        try
        {
            while (statement.Step()) rows.Add(read(statement));
            return rows;
        }
        finally
        {
            statement.Reset();
        }
    }
}
