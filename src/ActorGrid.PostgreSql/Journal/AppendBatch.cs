using ActorGrid.Persistence;
using Npgsql;

namespace ActorGrid.PostgreSql;

/// <summary>
/// Appends as one batch: one transaction, sent whole and without a round trip inside. The rows of the shards are locked in their order, so that no two
/// transactions wait for each other; then those whose fence and offset are the expected ones are moved, which marks them with the transaction; all else is
/// written for the shards that have the mark.
/// </summary>
internal sealed class AppendBatch
{
    private const string Lock = "SELECT count(*) FROM (SELECT 1 FROM shard WHERE shard = ANY($1) ORDER BY shard FOR UPDATE) locked";

    // Each statement sees what was committed before it began, so after the locks this one sees the last state of the shards and of their events.
    private const string Move = """
        UPDATE shard s SET last_offset = u.next, youngest_reply = greatest(s.youngest_reply, u.youngest), mark = pg_current_xact_id()
        FROM unnest($1, $2, $3, $4, $5, $6, $7) u (shard, term, generation, owner, expected, next, youngest)
        WHERE s.shard = u.shard AND s.term = u.term AND s.generation = u.generation AND s.owner = u.owner AND s.last_offset = u.expected
            AND s.shard <> ALL (ARRAY(
                SELECT c.shard FROM unnest($8, $9, $10, $11) c (shard, type, key, before)
                WHERE c.before <> coalesce((SELECT e.sequence FROM event e WHERE e.type = c.type AND e.key = c.key ORDER BY e.sequence DESC LIMIT 1), 0)))
        RETURNING s.shard
        """;

    private const string Moved = "JOIN shard s ON s.shard = u.shard AND s.mark = pg_current_xact_id()";

    private const string AddEvents = $"""
        INSERT INTO event (shard, shard_offset, term, generation, type, key, sequence, at, manifest, payload)
        SELECT u.shard, u.shard_offset, s.term, s.generation, u.type, u.key, u.sequence, u.at, u.manifest, u.payload
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8) u (shard, shard_offset, type, key, sequence, at, manifest, payload) {Moved}
        """;

    private const string AddReplies = $"""
        INSERT INTO reply (command, type, key, kind, payload)
        SELECT u.command, u.type, u.key, u.kind, u.payload FROM unnest($1, $2, $3, $4, $5, $6) u (shard, command, type, key, kind, payload) {Moved}
        """;

    private const string RemoveTimers = $"""
        DELETE FROM timer t USING unnest($1, $2, $3, $4) u (shard, type, key, name) {Moved}
        WHERE t.type = u.type AND t.key = u.key AND t.name = u.name
        """;

    private const string PutTimers = $"""
        INSERT INTO timer (type, key, name, shard, due, set_sequence, manifest, payload)
        SELECT u.type, u.key, u.name, u.shard, u.due, u.set_sequence, u.manifest, u.payload
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8) u (shard, type, key, name, due, set_sequence, manifest, payload) {Moved}
        ON CONFLICT (type, key, name) DO UPDATE SET
            shard = excluded.shard, due = excluded.due, set_sequence = excluded.set_sequence, manifest = excluded.manifest, payload = excluded.payload
        """;

    private const string RemoveAttachments = $"""
        DELETE FROM attachment t USING unnest($1, $2, $3, $4) u (shard, type, key, name) {Moved}
        WHERE t.type = u.type AND t.key = u.key AND t.name = u.name
        """;

    private const string PutAttachments = $"""
        INSERT INTO attachment (type, key, name, payload)
        SELECT u.type, u.key, u.name, u.payload FROM unnest($1, $2, $3, $4, $5) u (shard, type, key, name, payload) {Moved}
        ON CONFLICT (type, key, name) DO UPDATE SET payload = excluded.payload
        """;

    private readonly IReadOnlyList<ShardAppend> _appends;
    private readonly Tails _tails;

    /// <summary>Makes a batch.</summary>
    /// <param name="appends">In the order of their shards, each shard once.</param>
    /// <param name="tails">What need not be looked up.</param>
    public AppendBatch(IReadOnlyList<ShardAppend> appends, Tails tails) => (_appends, _tails) = (appends, tails);

    /// <summary>Runs it, and returns the shards that were written, when that is committed.</summary>
    public async Task<HashSet<int>> RunAsync(NpgsqlConnection connection, int timeoutSeconds)
    {
        await using var batch = new NpgsqlBatch(connection) { Timeout = timeoutSeconds };
        int[] shards = [.. _appends.Select(append => append.Shard.Value)];
        if (shards.Length > 1) batch.BatchCommands.Add(new NpgsqlBatchCommand(Lock).With(shards));
        batch.BatchCommands.Add(MoveShards(shards));
        AddRows(batch);
        var moved = new HashSet<int>(shards.Length);
        await using var reader = await batch.ExecuteReaderAsync();
        if (shards.Length > 1) await reader.NextResultAsync();
        while (await reader.ReadAsync()) moved.Add(reader.GetInt32(0));
        // The commit comes with the last result.
        while (await reader.NextResultAsync()) continue;
        return moved;
    }

    private NpgsqlBatchCommand MoveShards(int[] shards)
    {
        var checks = new Columns<(int Shard, EntityId Entity, long Before)>();
        foreach (var append in _appends)
        {
            foreach (var (entity, before) in _tails.UnknownOf(append)) checks.Add((append.Shard.Value, entity, before));
        }
        return new NpgsqlBatchCommand(Move)
            .With(shards)
            .With(Array(append => append.Fence.Epoch.Term)).With(Array(append => append.Fence.Epoch.Generation)).With(Array(append => append.Fence.Owner))
            .With(Array(append => append.ExpectedOffset)).With(Array(append => append.ExpectedOffset + append.Events.Count))
            .With(Array(append => append.Replies.Count == 0 ? 0 : append.Replies.Max(reply => reply.Command.IssuedAtUnixMs)))
            .With(checks.Of(c => c.Shard)).With(checks.Of(c => c.Entity.Type)).With(checks.Of(c => c.Entity.Key)).With(checks.Of(c => c.Before));
    }

    private void AddRows(NpgsqlBatch batch)
    {
        var events = new Columns<(int Shard, long Offset, JournalEvent Event)>();
        var replies = new Columns<(int Shard, ReplyRecord Reply)>();
        var putTimers = new Columns<(int Shard, TimerRecord Timer)>();
        var removedTimers = new Columns<(int Shard, EntityId Entity, string Name)>();
        var putAttachments = new Columns<(int Shard, AttachmentChange Change)>();
        var removedAttachments = new Columns<(int Shard, EntityId Entity, string Name)>();
        foreach (var append in _appends)
        {
            int shard = append.Shard.Value;
            long offset = append.ExpectedOffset;
            foreach (var e in append.Events) events.Add((shard, ++offset, e));
            foreach (var reply in append.Replies) replies.Add((shard, reply));
            // Changes are applied in order, so the last of a name counts.
            foreach (var change in Last(append.Timers, change => (change.Entity, change.Name)))
            {
                if (change.Timer is { } timer) putTimers.Add((shard, timer));
                else removedTimers.Add((shard, change.Entity, change.Name));
            }
            foreach (var change in Last(append.Attachments, change => (change.Entity, change.Name)))
            {
                if (change.Payload is not null) putAttachments.Add((shard, change));
                else removedAttachments.Add((shard, change.Entity, change.Name));
            }
        }
        if (events.Count > 0)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(AddEvents)
                .With(events.Of(e => e.Shard)).With(events.Of(e => e.Offset)).With(events.Of(e => e.Event.Entity.Type)).With(events.Of(e => e.Event.Entity.Key))
                .With(events.Of(e => e.Event.Sequence)).With(events.Of(e => e.Event.AtUnixMs)).With(events.Of(e => e.Event.Manifest))
                .With(events.Of(e => e.Event.Payload)));
        }
        if (replies.Count > 0)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(AddReplies)
                .With(replies.Of(r => r.Shard)).With(replies.Of(r => r.Reply.Command.ToUuid())).With(replies.Of(r => r.Reply.Entity.Type))
                .With(replies.Of(r => r.Reply.Entity.Key)).With(replies.Of(r => (int)r.Reply.Kind)).With(replies.Of(r => r.Reply.Payload)));
        }
        if (removedTimers.Count > 0) batch.BatchCommands.Add(Names(RemoveTimers, removedTimers));
        if (putTimers.Count > 0)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(PutTimers)
                .With(putTimers.Of(t => t.Shard)).With(putTimers.Of(t => t.Timer.Entity.Type)).With(putTimers.Of(t => t.Timer.Entity.Key))
                .With(putTimers.Of(t => t.Timer.Name)).With(putTimers.Of(t => t.Timer.DueUnixMs)).With(putTimers.Of(t => t.Timer.SetSequence))
                .With(putTimers.Of(t => t.Timer.Manifest)).With(putTimers.Of(t => t.Timer.Payload)));
        }
        if (removedAttachments.Count > 0) batch.BatchCommands.Add(Names(RemoveAttachments, removedAttachments));
        if (putAttachments.Count > 0)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(PutAttachments)
                .With(putAttachments.Of(a => a.Shard)).With(putAttachments.Of(a => a.Change.Entity.Type)).With(putAttachments.Of(a => a.Change.Entity.Key))
                .With(putAttachments.Of(a => a.Change.Name)).With(putAttachments.Of(a => a.Change.Payload!.Value)));
        }
    }

    private static NpgsqlBatchCommand Names(string sql, Columns<(int Shard, EntityId Entity, string Name)> names) => new NpgsqlBatchCommand(sql)
        .With(names.Of(n => n.Shard)).With(names.Of(n => n.Entity.Type)).With(names.Of(n => n.Entity.Key)).With(names.Of(n => n.Name));

    private T[] Array<T>(Func<ShardAppend, T> select) => [.. _appends.Select(select)];

    private static IEnumerable<T> Last<T, TKey>(IReadOnlyList<T> changes, Func<T, TKey> keyOf)
        where TKey : notnull
    {
        if (changes.Count < 2) return changes;
        var last = new Dictionary<TKey, T>();
        foreach (var change in changes) last[keyOf(change)] = change;
        return last.Values;
    }
}
