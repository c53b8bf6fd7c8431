using ActorGrid.Persistence;

namespace ActorGrid.Sqlite;

/// <summary>What can be read, on a reader's thread with a connection of its own.</summary>
internal sealed partial class JournalReader
{
    private const int AddressesMax = 50_000;

    private readonly PendingRuns _runs;
    private readonly LogTail? _tail;
    private readonly Dictionary<long, EntityId> _addresses = [];
    private readonly Statement _begin, _end, _findEntity, _findAddress, _findSnapshot, _findRemovedOfEntity, _findRemovedOfShard, _findEntityRuns, _findShardRuns, _readEvents;
    private byte[] _manifestBytes = [];
    private string _manifest = "";

    public JournalReader(Database database, PendingRuns runs, bool isShared)
    {
        _tail = isShared ? new LogTail(database, runs) : null;
        _runs = runs;
        _begin = database.Prepare("BEGIN");
        _end = database.Prepare("COMMIT");
        _findEntity = database.Prepare("SELECT id FROM entity WHERE type = ? AND key = ?");
        _findAddress = database.Prepare("SELECT type, key FROM entity WHERE id = ?");
        // Nothing is removed but below a snapshot.
        _findSnapshot = database.Prepare("""
            SELECT sequence, term, generation, at, payload, (SELECT removed_to FROM entity_removal WHERE entity = ?1) FROM snapshot WHERE entity = ?1
            """);
        _findRemovedOfEntity = database.Prepare("SELECT removed_to FROM entity_removal WHERE entity = ?");
        _findRemovedOfShard = database.Prepare("SELECT removed_to FROM shard_removal WHERE shard = ?");
        _findEntityRuns = PrepareRuns("entity_run", "entity");
        _findShardRuns = PrepareRuns("shard_run", "shard");
        _readEvents = database.Prepare("""
            SELECT entity, sequence, shard, shard_offset, term, generation, at, manifest, payload FROM event
            WHERE position BETWEEN ? AND ? ORDER BY position
            """);
        PrepareIndices(database);

        // From the run that holds the number, if there is one, else from the next.
        Statement PrepareRuns(string table, string key) => database.Prepare($"""
            SELECT first, position, count FROM {table}
            WHERE {key} = ?1 AND first >= coalesce((SELECT max(first) FROM {table} WHERE {key} = ?1 AND first <= ?2), 0) ORDER BY first
            """);
    }

    public IReadOnlyList<EntityPage> ReadEntities(IReadOnlyList<EntityRead> reads)
    {
        _tail?.CatchUp();
        // Numbers and runs in memory first, then the transaction: see RunIndex.
        var pages = new EntityPage[reads.Count];
        var ids = new long?[pages.Length];
        var pending = new Run[pages.Length][];
        for (int i = 0; i < pages.Length; i++)
        {
            ids[i] = FindEntity(reads[i].Entity);
            pending[i] = ids[i] is { } id ? _runs.Entities.Copy(id, reads[i].AfterSequence ?? 0) : [];
        }
        return InTransaction(() =>
        {
            for (int i = 0; i < pages.Length; i++)
            {
                pages[i] = ids[i] is { } id
                    ? ReadEntity(id, reads[i], pending[i])
                    : new EntityPage(reads[i].Entity, null, [], HasMore: false);
            }
            return pages;
        });
    }

    public ShardPage ReadShard(ShardId shard, long afterOffset, int eventsMax)
    {
        _tail?.CatchUp();
        var pending = _runs.Shards.Copy(shard.Value, afterOffset);
        return InTransaction(() =>
        {
            long removedTo = FindRemoved(_findRemovedOfShard, shard.Value);
            var events = new List<StoredEvent>();
            long last = afterOffset;
            foreach (var run in FindShardRuns(shard, pending, afterOffset))
            {
                if (events.Count == eventsMax) break;
                // Of a run some rows may be gone, or all that are left.
                _readEvents.Bind(1, run.Position).Bind(2, run.LastPosition);
                while (events.Count < eventsMax && _readEvents.Step())
                {
                    var e = ReadEvent(AddressOf(_readEvents.Number(0)));
                    Expect(_readEvents.Number(2) == shard.Value && e.Offset > last && run.Contains(e.Offset), $"{shard}");
                    Expect(e.Offset == last + 1 || e.Offset - 1 <= removedTo, $"{shard}");
                    events.Add(e);
                    last = e.Offset;
                }
                _readEvents.Reset();
                if (events.Count == eventsMax) break;
                Expect(run.Last == last || run.Last <= removedTo, $"{shard}");
                last = run.Last;
            }
            return new ShardPage(events, removedTo);
        });
    }

    /// <summary>Where the offsets after that one stand, in order: by the table as far as it goes, then by what was in memory. No more is read than is asked for.</summary>
    private IEnumerable<Run> FindShardRuns(ShardId shard, Run[] pending, long after)
    {
        _findShardRuns.Bind(1, shard.Value).Bind(2, after + 1);
        while (_findShardRuns.Step())
        {
            var run = new Run(_findShardRuns.Number(0), _findShardRuns.Number(1), _findShardRuns.Number(2)).After(after);
            if (run.Count <= 0) continue;
            after = run.Last;
            yield return run;
        }
        foreach (var run in pending)
        {
            if (run.Last > after) yield return run.After(after);
        }
    }

    private EntityPage ReadEntity(long id, EntityRead read, Run[] pending)
    {
        var (snapshot, removedTo) = read.AfterSequence is null ? FindSnapshot(id, read.Entity) : (null, FindRemoved(_findRemovedOfEntity, id));
        // Runs in memory may tell of events that another process has removed since they were copied; from there on there is no gap.
        long after = Math.Max(read.AfterSequence ?? snapshot?.Sequence ?? 0, removedTo);
        var (runs, hasMore) = FindRuns(_findEntityRuns, id, pending, after, read.EventsMax);
        var events = new List<StoredEvent>(Size(runs));
        foreach (var run in runs)
        {
            _readEvents.Bind(1, run.Position).Bind(2, run.LastPosition);
            while (_readEvents.Step())
            {
                Expect(_readEvents.Number(0) == id && _readEvents.Number(1) == after + 1 + events.Count, $"{read.Entity}");
                events.Add(ReadEvent(read.Entity));
            }
        }
        Expect(events.Count == Size(runs), $"{read.Entity}");
        return new EntityPage(read.Entity, snapshot, events, hasMore, removedTo);
    }

    /// <summary>Where the numbers after <paramref name="after"/> stand: by the table as far as it goes, then by what was in memory.</summary>
    private static (List<Run> Runs, bool HasMore) FindRuns(Statement find, long key, Run[] pending, long after, int max)
    {
        var runs = new List<Run>();
        bool hasMore = false;
        find.Bind(1, key).Bind(2, after + 1);
        while (!hasMore && find.Step()) Add(new Run(find.Number(0), find.Number(1), find.Number(2)));
        find.Reset();
        foreach (var run in pending) Add(run);
        return (runs, hasMore);

        void Add(Run run)
        {
            run = run.After(after);
            if (run.Count <= 0) return;
            if (max == 0)
            {
                hasMore = true;
                return;
            }
            Expect(run.First == after + 1, "a run");
            hasMore |= run.Count > max;
            run = run.Take(max);
            runs.Add(run);
            max -= (int)run.Count;
            after = run.Last;
        }
    }

    private StoredEvent ReadEvent(EntityId entity)
    {
        var e = new JournalEvent(entity, _readEvents.Number(1), ReadManifest(), _readEvents.Number(6), _readEvents.Bytes(8).ToArray());
        return new StoredEvent(e, _readEvents.Number(3), new Epoch(_readEvents.Number(4), (int)_readEvents.Number(5)));
    }

    /// <summary>Neighbouring events mostly have the same one.</summary>
    private string ReadManifest()
    {
        var bytes = _readEvents.Bytes(7);
        if (!bytes.SequenceEqual(_manifestBytes))
        {
            _manifestBytes = bytes.ToArray();
            _manifest = _readEvents.Text(7);
        }
        return _manifest;
    }

    private (SnapshotRecord? Snapshot, long RemovedTo) FindSnapshot(long id, EntityId entity)
    {
        if (!_findSnapshot.Bind(1, id).Step()) return (null, 0);
        var epoch = new Epoch(_findSnapshot.Number(1), (int)_findSnapshot.Number(2));
        var snapshot = new SnapshotRecord(entity, _findSnapshot.Number(0), epoch, _findSnapshot.Number(3), _findSnapshot.Bytes(4).ToArray());
        long removedTo = _findSnapshot.IsNull(5) ? 0 : _findSnapshot.Number(5);
        _findSnapshot.Reset();
        return (snapshot, removedTo);
    }

    private static long FindRemoved(Statement find, long key)
    {
        if (!find.Bind(1, key).Step()) return 0;
        long removedTo = find.Number(0);
        find.Reset();
        return removedTo;
    }

    private long? FindEntity(EntityId entity)
    {
        if (!_findEntity.Bind(1, entity.Type).Bind(2, entity.Key).Step()) return null;
        long id = _findEntity.Number(0);
        _findEntity.Reset();
        return id;
    }

    private EntityId AddressOf(long id)
    {
        if (_addresses.TryGetValue(id, out var entity)) return entity;
        Expect(_findAddress.Bind(1, id).Step(), "an entity");
        entity = new EntityId(_findAddress.Text(0), _findAddress.Text(1));
        _findAddress.Reset();
        if (_addresses.Count >= AddressesMax) _addresses.Clear();
        _addresses.Add(id, entity);
        return entity;
    }

    private T InTransaction<T>(Func<T> body)
    {
        _begin.Run();
        try
        {
            return body();
        }
        finally
        {
            Reset();
            _end.Run();
        }
    }

    /// <summary>A read that failed half way may have left a statement in the middle of its rows.</summary>
    private void Reset()
    {
        Statement[] all = [_findEntity, _findAddress, _findSnapshot, _findRemovedOfEntity, _findRemovedOfShard, _findEntityRuns, _findShardRuns, _readEvents];
        foreach (var statement in all) statement.Reset();
    }

    private static int Size(List<Run> runs)
    {
        long count = 0;
        foreach (var run in runs) count += run.Count;
        return (int)count;
    }

    /// <summary>What is written in several places must agree; where it does not, the file is damaged, and a wrong history is worse than none.</summary>
    private static void Expect(bool holds, string what)
    {
        if (!holds) throw new SqliteFault(SQLitePCL.raw.SQLITE_CORRUPT, $"the events of {what} are not where they should be");
    }
}
