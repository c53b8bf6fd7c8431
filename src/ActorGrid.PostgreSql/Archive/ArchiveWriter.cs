using ActorGrid.Cluster;
using ActorGrid.Persistence;
using Npgsql;
using NpgsqlTypes;

namespace ActorGrid.PostgreSql;

/// <summary>Writes rows that were checked into an empty grid, in the open transaction: each table by COPY, as the rows come. Nodes can write nothing from its beginning to its end.</summary>
internal sealed class ArchiveWriter(NpgsqlConnection connection, GridIdentity grid, string server) : IAsyncDisposable
{
    // In the order in which an append comes to the tables. Whoever reads goes on.
    private const string Lock = """
        SET LOCAL lock_timeout = '2s';
        LOCK TABLE shard, event, reply, timer, attachment, snapshot, entity_removal, shard_removal, subscription, progress, view, lease IN EXCLUSIVE MODE
        """;

    private const string Look = """
        SELECT CASE
            WHEN EXISTS (SELECT 1 FROM event) THEN 'events'
            WHEN EXISTS (SELECT 1 FROM shard) THEN 'shards that had an owner'
            WHEN EXISTS (SELECT 1 FROM view WHERE version > 0) THEN 'the view of a cluster'
            WHEN EXISTS (SELECT 1 FROM lease) THEN 'leases of nodes'
            WHEN EXISTS (SELECT 1 FROM subscription) THEN 'cursors'
            WHEN EXISTS (SELECT 1 FROM reply) THEN 'replies'
            WHEN EXISTS (SELECT 1 FROM timer) THEN 'timers'
            WHEN EXISTS (SELECT 1 FROM attachment) THEN 'attachments' END
        """;

    // The mark of a shard is the transaction that moved it last.
    private const string AddShards = """
        INSERT INTO shard (shard, term, generation, owner, last_offset, youngest_reply, mark)
        SELECT u.*, pg_current_xact_id() FROM unnest($1, $2, $3, $4, $5, $6) u
        """;

    private const string AddShardRemovals = "INSERT INTO shard_removal SELECT u.* FROM unnest($1, $2) u (shard, removed_to) WHERE u.removed_to > 0";

    private const string AddEntityRemovals = "INSERT INTO entity_removal SELECT u.* FROM unnest($1, $2, $3) u";

    private const string FindUnfounded = """
        SELECT n.type, n.key, n.sequence, n.term, n.generation FROM snapshot n
        WHERE NOT EXISTS (SELECT 1 FROM event e WHERE e.type = n.type AND e.key = n.key AND e.sequence = n.sequence AND e.term = n.term AND e.generation = n.generation) LIMIT 1
        """;

    private readonly FoundingView _founding = new(grid);
    private readonly Columns<ArchivedShard> _shards = new();
    private readonly Columns<(EntityId Entity, long RemovedTo)> _removals = new();
    private NpgsqlBinaryImporter? _copy;
    private ArchiveKind _kind;

    /// <summary>Sees that there is nothing, and shuts out whoever writes.</summary>
    public async Task BeginAsync(CancellationToken cancellationToken)
    {
        // A grid that runs there must not wait behind the lock, nor behind the wait for it, only to have it refused.
        await RequireEmptyAsync(cancellationToken);
        await using (var command = new NpgsqlCommand(Lock, connection)) await command.ExecuteNonQueryAsync(cancellationToken);
        await RequireEmptyAsync(cancellationToken);
    }

    private async Task RequireEmptyAsync(CancellationToken cancellationToken)
    {
        await using var look = new NpgsqlCommand(Look, connection);
        if (await look.ExecuteScalarAsync(cancellationToken) is string what) throw ArchiveRefusal.NotEmpty($"The schema of {server}", what);
    }

    /// <summary>Writes a row.</summary>
    public async Task WriteAsync(ArchiveRow row, CancellationToken cancellationToken)
    {
        if (row.Kind != _kind) await TurnToAsync(row.Kind, cancellationToken);
        switch (row)
        {
            case ArchivedHorizon horizon:
                await ExecuteAsync(new NpgsqlBatchCommand("UPDATE progress SET forgotten_before = $1").With(horizon.RepliesForgottenBeforeUnixMs), cancellationToken);
                break;
            case ArchivedRole or ArchivedEntityType:
                _founding.Add(row);
                break;
            case ArchivedShard shard:
                _founding.Add(shard);
                _shards.Add(shard);
                break;
            default:
                await CopyAsync(row, cancellationToken);
                break;
        }
    }

    /// <summary>Writes what was held back, and looks at what hangs on other rows.</summary>
    public async Task EndAsync(CancellationToken cancellationToken)
    {
        await TurnToAsync(null, cancellationToken);
        await using (var find = new NpgsqlCommand(FindUnfounded, connection))
        await using (var row = await find.ExecuteReaderAsync(cancellationToken))
        {
            if (await row.ReadAsync(cancellationToken))
                throw ArchiveRefusal.NoEvent(new SnapshotRecord(new EntityId(row.GetString(0), row.GetString(1)), row.GetInt64(2), new Epoch(row.GetInt64(3), row.GetInt32(4)), 0, default));
        }
        if (_removals.Count > 0)
        {
            await ExecuteAsync(
                new NpgsqlBatchCommand(AddEntityRemovals).With(_removals.Of(r => r.Entity.Type)).With(_removals.Of(r => r.Entity.Key)).With(_removals.Of(r => r.RemovedTo)), cancellationToken);
        }
        if (_founding.Build() is { } view)
            await ExecuteAsync(new NpgsqlBatchCommand("UPDATE view SET version = $1, document = $2, mark = pg_current_xact_id()").With(view.Version).With(ViewCodec.Encode(view)), cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        // Without its completion the server takes back what was copied.
        if (_copy is null) return;
        try
        {
            await _copy.DisposeAsync();
        }
        catch (Exception e) when (ServerFault.IsKnown(e))
        {
            // The session is gone, and so is what was copied. Whatever ended the write says more.
            _copy = null;
        }
    }

    /// <summary>Ends one table and begins the next.</summary>
    private async Task TurnToAsync(ArchiveKind? kind, CancellationToken cancellationToken)
    {
        if (_copy is not null)
        {
            await _copy.CompleteAsync(cancellationToken);
            await _copy.DisposeAsync();
            _copy = null;
        }
        if (_kind == ArchiveKind.Shard) await AddShardsAsync(cancellationToken);
        if (kind is not { } next) return;
        _kind = next;
        if (TargetOf(next) is { } target) _copy = await connection.BeginBinaryImportAsync($"COPY {target} FROM STDIN (FORMAT BINARY)", cancellationToken);
    }

    private static string? TargetOf(ArchiveKind kind) => kind switch
    {
        ArchiveKind.Event => "event (type, key, sequence, manifest, at, payload, shard, shard_offset, term, generation)",
        ArchiveKind.Snapshot => "snapshot (type, key, sequence, term, generation, at, payload)",
        ArchiveKind.Reply => "reply (type, key, command, kind, payload)",
        ArchiveKind.Timer => "timer (type, key, name, shard, due, set_sequence, manifest, payload)",
        ArchiveKind.Attachment => "attachment (type, key, name, payload)",
        ArchiveKind.Cursor => "subscription (name, shard, version, term, generation, done, given, issued_at)",
        _ => null,
    };

    private async Task AddShardsAsync(CancellationToken cancellationToken)
    {
        await ExecuteAsync(
            new NpgsqlBatchCommand(AddShards)
                .With(_shards.Of(row => row.Shard.Value)).With(_shards.Of(row => row.Fence.Epoch.Term)).With(_shards.Of(row => row.Fence.Epoch.Generation)).With(_shards.Of(row => row.Fence.Owner))
                .With(_shards.Of(row => row.LastOffset)).With(_shards.Of(row => row.YoungestReplyIssuedAtUnixMs)),
            cancellationToken);
        await ExecuteAsync(new NpgsqlBatchCommand(AddShardRemovals).With(_shards.Of(row => row.Shard.Value)).With(_shards.Of(row => row.RemovedTo)), cancellationToken);
    }

    private async Task CopyAsync(ArchiveRow row, CancellationToken cancellationToken)
    {
        await _copy!.StartRowAsync(cancellationToken);
        switch (row)
        {
            case ArchivedEvent(var shard, var (e, offset, epoch)):
                await PutAsync(e.Entity, cancellationToken);
                await PutAsync(e.Sequence, cancellationToken);
                await PutAsync(e.Manifest, cancellationToken);
                await PutAsync(e.AtUnixMs, cancellationToken);
                await PutAsync(e.Payload, cancellationToken);
                await PutAsync(shard.Value, cancellationToken);
                await PutAsync(offset, cancellationToken);
                await PutAsync(epoch, cancellationToken);
                break;
            case ArchivedSnapshot(var snapshot, var removedTo):
                if (removedTo > 0) _removals.Add((snapshot.Entity, removedTo));
                await PutAsync(snapshot.Entity, cancellationToken);
                await PutAsync(snapshot.Sequence, cancellationToken);
                await PutAsync(snapshot.Epoch, cancellationToken);
                await PutAsync(snapshot.AtUnixMs, cancellationToken);
                await PutAsync(snapshot.Payload, cancellationToken);
                break;
            case ArchivedReply { Reply: var reply }:
                await PutAsync(reply.Entity, cancellationToken);
                await _copy.WriteAsync(reply.Command.ToUuid(), NpgsqlDbType.Uuid, cancellationToken);
                await PutAsync((int)reply.Kind, cancellationToken);
                await PutAsync(reply.Payload, cancellationToken);
                break;
            case ArchivedTimer(var shard, var timer):
                await PutAsync(timer.Entity, cancellationToken);
                await PutAsync(timer.Name, cancellationToken);
                await PutAsync(shard.Value, cancellationToken);
                await PutAsync(timer.DueUnixMs, cancellationToken);
                await PutAsync(timer.SetSequence, cancellationToken);
                await PutAsync(timer.Manifest, cancellationToken);
                await PutAsync(timer.Payload, cancellationToken);
                break;
            case ArchivedAttachment attachment:
                await PutAsync(attachment.Entity, cancellationToken);
                await PutAsync(attachment.Name, cancellationToken);
                await PutAsync(attachment.Payload, cancellationToken);
                break;
            case ArchivedCursor(var key, var cursor):
                await PutAsync(key.Name, cancellationToken);
                await PutAsync(key.Shard.Value, cancellationToken);
                await PutAsync(cursor.Version, cancellationToken);
                await PutAsync(cursor.Epoch, cancellationToken);
                await PutAsync(cursor.Offset, cancellationToken);
                await PutAsync(cursor.GivenTo, cancellationToken);
                await PutAsync(cursor.IssuedAtUnixMs, cancellationToken);
                break;
        }
    }

    private async Task PutAsync(EntityId entity, CancellationToken cancellationToken)
    {
        await PutAsync(entity.Type, cancellationToken);
        await PutAsync(entity.Key, cancellationToken);
    }

    private async Task PutAsync(Epoch epoch, CancellationToken cancellationToken)
    {
        await PutAsync(epoch.Term, cancellationToken);
        await PutAsync(epoch.Generation, cancellationToken);
    }

    private Task PutAsync(long value, CancellationToken cancellationToken) => _copy!.WriteAsync(value, NpgsqlDbType.Bigint, cancellationToken);

    private Task PutAsync(int value, CancellationToken cancellationToken) => _copy!.WriteAsync(value, NpgsqlDbType.Integer, cancellationToken);

    private Task PutAsync(ReadOnlyMemory<byte> value, CancellationToken cancellationToken) => _copy!.WriteAsync(value, NpgsqlDbType.Bytea, cancellationToken);

    private Task PutAsync(string value, CancellationToken cancellationToken) => Storable.IsText(value)
        ? _copy!.WriteAsync(value, NpgsqlDbType.Text, cancellationToken)
        : throw new InvalidDataException($"'{value.Replace('\0', '\uFFFD')}' holds U+0000 or half a surrogate pair, which PostgreSQL does not keep.");

    private async Task ExecuteAsync(NpgsqlBatchCommand command, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(command);
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }
}
