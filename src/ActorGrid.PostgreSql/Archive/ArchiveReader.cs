using System.Data;
using ActorGrid.Cluster;
using ActorGrid.Persistence;
using Npgsql;

namespace ActorGrid.PostgreSql;

/// <summary>Reads one table after the other in their order, as of one moment, by a cursor of the server: whoever stops reading leaves no more behind than it has fetched.</summary>
internal sealed class ArchiveReader(GridIdentity grid, Sessions sessions) : IAsyncDisposable
{
    private const int RowsMax = 256, BytesMax = 4 << 20, RowsPerFetch = 1000;

    private readonly (string Sql, Func<NpgsqlDataReader, IEnumerable<ArchiveRow>> Read)[] _tables =
    [
        ("SELECT forgotten_before FROM progress", static r => [new ArchivedHorizon(r.GetInt64(0))]),
        ("SELECT document FROM view WHERE document IS NOT NULL", r => FoundingView.RowsOf(ViewCodec.Decode(r.GetFieldValue<byte[]>(0), grid))),
        ("SELECT s.shard, s.term, s.generation, s.owner, s.last_offset, s.youngest_reply, coalesce(g.removed_to, 0) FROM shard s LEFT JOIN shard_removal g ON g.shard = s.shard ORDER BY s.shard", static r =>
            [new ArchivedShard(new ShardId(r.GetInt32(0)), new Fence(EpochOf(r, 1), r.GetGuid(3)), r.GetInt64(4), r.GetInt64(5), r.GetInt64(6))]),
        ("SELECT type, key, sequence, manifest, at, payload, shard, shard_offset, term, generation FROM event ORDER BY shard, shard_offset", static r =>
            [new ArchivedEvent(new ShardId(r.GetInt32(6)), new StoredEvent(new JournalEvent(EntityOf(r), r.GetInt64(2), r.GetString(3), r.GetInt64(4), Bytes(r, 5)), r.GetInt64(7), EpochOf(r, 8)))]),
        ("""
            SELECT n.type, n.key, n.sequence, n.term, n.generation, n.at, n.payload, coalesce(g.removed_to, 0)
            FROM snapshot n LEFT JOIN entity_removal g ON g.type = n.type AND g.key = n.key ORDER BY n.type, n.key
            """, static r =>
            [new ArchivedSnapshot(new SnapshotRecord(EntityOf(r), r.GetInt64(2), EpochOf(r, 3), r.GetInt64(5), Bytes(r, 6)), r.GetInt64(7))]),
        ("SELECT type, key, command, kind, payload FROM reply ORDER BY command, type, key", static r =>
            [new ArchivedReply(new ReplyRecord(EntityOf(r), CommandOf(r.GetGuid(2)), (ReplyKind)r.GetInt32(3), Bytes(r, 4)))]),
        ("SELECT type, key, name, shard, due, set_sequence, manifest, payload FROM timer ORDER BY type, key, name", static r =>
            [new ArchivedTimer(new ShardId(r.GetInt32(3)), new TimerRecord(EntityOf(r), r.GetString(2), r.GetInt64(4), r.GetInt64(5), r.GetString(6), Bytes(r, 7)))]),
        ("SELECT type, key, name, payload FROM attachment ORDER BY type, key, name", static r => [new ArchivedAttachment(EntityOf(r), r.GetString(2), Bytes(r, 3))]),
        ("SELECT name, shard, version, term, generation, done, given, issued_at FROM subscription ORDER BY name, shard", static r =>
            [new ArchivedCursor(new CursorKey(r.GetString(0), new ShardId(r.GetInt32(1))), new Cursor(r.GetInt64(2), EpochOf(r, 3), r.GetInt64(5), r.GetInt64(6), r.GetInt64(7)))]),
    ];

    private NpgsqlConnection? _connection;
    private NpgsqlTransaction? _transaction;
    private NpgsqlDataReader? _reader;
    private int _table;
    private bool _isDeclared, _hasFetched;

    /// <summary>Reads the next rows.</summary>
    /// <returns>False if there are none.</returns>
    public async Task<bool> FillAsync(List<ArchiveRow> rows, CancellationToken cancellationToken)
    {
        rows.Clear();
        _connection ??= await sessions.ConnectArchiveAsync(cancellationToken);
        _transaction ??= await BeginAsync(_connection, cancellationToken);
        long bytes = 0;
        while (_table < _tables.Length && rows.Count < RowsMax && bytes < BytesMax)
        {
            _reader ??= await FetchAsync(cancellationToken);
            if (!await _reader.ReadAsync(cancellationToken))
            {
                await _reader.DisposeAsync();
                _reader = null;
                if (!_hasFetched) (_table, _isDeclared) = (_table + 1, false);
                _hasFetched = false;
                continue;
            }
            _hasFetched = true;
            int before = rows.Count;
            rows.AddRange(_tables[_table].Read(_reader));
            for (int i = before; i < rows.Count; i++) bytes += rows[i].PayloadBytes;
        }
        return rows.Count > 0;
    }

    public async ValueTask DisposeAsync()
    {
        if (_reader is not null) await _reader.DisposeAsync();
        if (_transaction is not null) await _transaction.DisposeAsync();
        if (_connection is not null) await _connection.DisposeAsync();
    }

    private static async Task<NpgsqlTransaction> BeginAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        await using var command = new NpgsqlCommand("SET TRANSACTION READ ONLY", connection, transaction);
        await command.ExecuteNonQueryAsync(cancellationToken);
        return transaction;
    }

    private async Task<NpgsqlDataReader> FetchAsync(CancellationToken cancellationToken)
    {
        // A name for each table: a statement that the driver has prepared gives rows of one form.
        string cursor = FormattableString.Invariant($"archive_{_table}");
        if (!_isDeclared)
        {
            await using var declare = new NpgsqlCommand($"DECLARE {cursor} NO SCROLL CURSOR FOR {_tables[_table].Sql}", _connection, _transaction);
            await declare.ExecuteNonQueryAsync(cancellationToken);
            _isDeclared = true;
        }
        await using var fetch = new NpgsqlCommand(FormattableString.Invariant($"FETCH {RowsPerFetch} FROM {cursor}"), _connection, _transaction);
        return await fetch.ExecuteReaderAsync(cancellationToken);
    }

    private static EntityId EntityOf(NpgsqlDataReader row) => new(row.GetString(0), row.GetString(1));

    private static Epoch EpochOf(NpgsqlDataReader row, int column) => new(row.GetInt64(column), row.GetInt32(column + 1));

    private static byte[] Bytes(NpgsqlDataReader row, int column) => row.GetFieldValue<byte[]>(column);

    private static CommandId CommandOf(Guid uuid)
    {
        Span<byte> bytes = stackalloc byte[16];
        uuid.TryWriteBytes(bytes, bigEndian: true, out _);
        return CommandId.ReadFrom(bytes);
    }
}
