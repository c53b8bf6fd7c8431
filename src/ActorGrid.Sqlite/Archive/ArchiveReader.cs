using ActorGrid.Cluster;
using ActorGrid.Persistence;

namespace ActorGrid.Sqlite;

/// <summary>Reads all rows in one transaction, as they are asked for. Beside it the grid goes on; SQLite's log is kept for it meanwhile, and grows.</summary>
internal sealed class ArchiveReader(Database database, GridIdentity grid)
{
    private readonly Statement _findRuns = database.Prepare("SELECT first, position, count FROM shard_run WHERE shard = ? ORDER BY first");

    private readonly Statement _readEvents = database.Prepare("""
        SELECT v.entity, v.sequence, v.shard, v.shard_offset, v.term, v.generation, v.at, v.manifest, v.payload, e.type, e.key
        FROM event v CROSS JOIN entity e ON e.id = v.entity WHERE v.position BETWEEN ? AND ? ORDER BY v.position
        """);

    private long _entity = -1;
    private EntityId _address;
    private byte[] _manifestBytes = [];
    private string _manifest = "";

    public IEnumerable<ArchiveRow> Read()
    {
        database.Execute("BEGIN");
        // The part of the log that the tables of runs do not cover, as of this transaction: bounded, and nobody else's.
        var runs = new PendingRuns();
        new LogTail(database, runs).CatchUpWithin();
        yield return new ArchivedHorizon(database.ReadNumber("SELECT forgotten_before FROM progress") ?? 0);
        foreach (var row in ReadLayout()) yield return row;
        var shards = new List<ShardId>();
        foreach (var row in ReadAll("""
            SELECT s.shard, s.term, s.generation, s.owner, s.last_offset, s.youngest_reply, coalesce(g.removed_to, 0) FROM shard s LEFT JOIN shard_removal g ON g.shard = s.shard ORDER BY s.shard
            """, static s => new ArchivedShard(new ShardId((int)s.Number(0)), new Fence(EpochOf(s, 1), s.Guid(3)), s.Number(4), s.Number(5), s.Number(6))))
        {
            shards.Add(row.Shard);
            yield return row;
        }
        long count = 0;
        foreach (var shard in shards)
        {
            foreach (var row in ReadShard(shard, runs.Shards))
            {
                count++;
                yield return row;
            }
        }
        Expect(count == database.ReadNumber("SELECT count(*) FROM event"), "some shard");
        foreach (var row in ReadRest()) yield return row;
        database.Execute("COMMIT");
    }

    private IEnumerable<ArchiveRow> ReadLayout()
    {
        using var document = database.Prepare("SELECT payload FROM view");
        if (!document.Step()) return [];
        try
        {
            return FoundingView.RowsOf(ViewCodec.Decode(document.Bytes(0), grid));
        }
        catch (InvalidDataException e)
        {
            throw new SqliteFault(SQLitePCL.raw.SQLITE_CORRUPT, e.Message);
        }
    }

    /// <summary>By the table as far as it goes, then by what was not in it yet. Of a run that is there only in part, the rest is read.</summary>
    private IEnumerable<ArchivedEvent> ReadShard(ShardId shard, RunIndex pending)
    {
        var runs = new List<Run>();
        _findRuns.Bind(1, shard.Value);
        while (_findRuns.Step()) runs.Add(new Run(_findRuns.Number(0), _findRuns.Number(1), _findRuns.Number(2)));
        runs.AddRange(pending.Copy(shard.Value, 0));
        foreach (var run in runs)
        {
            _readEvents.Bind(1, run.Position).Bind(2, run.LastPosition);
            while (_readEvents.Step())
            {
                Expect(_readEvents.Number(2) == shard.Value && _readEvents.Number(3) >= run.First && _readEvents.Number(3) <= run.Last, $"{shard}");
                yield return ReadEvent(shard);
            }
        }
    }

    /// <summary>Neighbours mostly are of one entity, and of one name.</summary>
    private ArchivedEvent ReadEvent(ShardId shard)
    {
        if (_entity != _readEvents.Number(0)) (_entity, _address) = (_readEvents.Number(0), new EntityId(_readEvents.Text(9), _readEvents.Text(10)));
        var name = _readEvents.Bytes(7);
        if (!name.SequenceEqual(_manifestBytes)) (_manifestBytes, _manifest) = (name.ToArray(), _readEvents.Text(7));
        var e = new JournalEvent(_address, _readEvents.Number(1), _manifest, _readEvents.Number(6), _readEvents.Bytes(8).ToArray());
        return new ArchivedEvent(shard, new StoredEvent(e, _readEvents.Number(3), EpochOf(_readEvents, 4)));
    }

    private IEnumerable<ArchiveRow> ReadRest()
    {
        const string OfEntities = "FROM entity e CROSS JOIN";
        var snapshots = ReadAll($"""
            SELECT e.type, e.key, s.sequence, s.term, s.generation, s.at, s.payload, coalesce(g.removed_to, 0)
            {OfEntities} snapshot s ON s.entity = e.id LEFT JOIN entity_removal g ON g.entity = e.id ORDER BY e.type, e.key
            """, static s => new ArchivedSnapshot(new SnapshotRecord(EntityOf(s), s.Number(2), EpochOf(s, 3), s.Number(5), s.Bytes(6).ToArray()), s.Number(7)));
        foreach (var row in snapshots) yield return row;
        var replies = ReadAll("SELECT e.type, e.key, r.command, r.kind, r.payload FROM reply r CROSS JOIN entity e ON e.id = r.entity ORDER BY r.command, e.type, e.key", static s =>
            new ArchivedReply(new ReplyRecord(EntityOf(s), CommandId.ReadFrom(s.Bytes(2)), (ReplyKind)s.Number(3), s.Bytes(4).ToArray())));
        foreach (var row in replies) yield return row;
        var timers = ReadAll($"SELECT e.type, e.key, t.name, t.shard, t.due, t.set_sequence, t.manifest, t.payload {OfEntities} timer t ON t.entity = e.id ORDER BY e.type, e.key, t.name", static s =>
            new ArchivedTimer(new ShardId((int)s.Number(3)), new TimerRecord(EntityOf(s), s.Text(2), s.Number(4), s.Number(5), s.Text(6), s.Bytes(7).ToArray())));
        foreach (var row in timers) yield return row;
        var attachments = ReadAll($"SELECT e.type, e.key, a.name, a.payload {OfEntities} attachment a ON a.entity = e.id ORDER BY e.type, e.key, a.name", static s =>
            new ArchivedAttachment(EntityOf(s), s.Text(2), s.Bytes(3).ToArray()));
        foreach (var row in attachments) yield return row;
        var cursors = ReadAll("SELECT name, shard, version, term, generation, done, given, issued_at FROM subscription ORDER BY name, shard", static s =>
            new ArchivedCursor(new CursorKey(s.Text(0), new ShardId((int)s.Number(1))), new Cursor(s.Number(2), EpochOf(s, 3), s.Number(5), s.Number(6), s.Number(7))));
        foreach (var row in cursors) yield return row;
    }

    private IEnumerable<T> ReadAll<T>(string sql, Func<Statement, T> read)
    {
        var statement = database.Prepare(sql);
        while (statement.Step()) yield return read(statement);
    }

    private static EntityId EntityOf(Statement row) => new(row.Text(0), row.Text(1));

    private static Epoch EpochOf(Statement row, int column) => new(row.Number(column), (int)row.Number(column + 1));

    private static void Expect(bool holds, string what)
    {
        if (!holds) throw new SqliteFault(SQLitePCL.raw.SQLITE_CORRUPT, $"the events of {what} are not where they should be");
    }
}
