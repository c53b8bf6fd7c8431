using ActorGrid.Persistence;

namespace ActorGrid.Sqlite;

/// <summary>The log of events, to which rows are added behind the last, and the runs that tell where they stand.</summary>
internal sealed class EventLog
{
    private readonly PendingRuns _runs;
    private readonly Statement _add, _putEntityRun, _putShardRun, _putProgress;
    private readonly LogTail _tail;
    private readonly List<LogEntry> _added = [];
    private long _indexedNow;
    private long _movedNow;

    /// <summary>Finds the end of the log, and takes up what the tables of runs do not cover.</summary>
    public EventLog(Database database, PendingRuns runs)
    {
        _runs = runs;
        _tail = new LogTail(database, runs);
        _add = database.Prepare("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
        _putEntityRun = database.Prepare("INSERT INTO entity_run VALUES (?, ?, ?, ?)");
        _putShardRun = database.Prepare("INSERT INTO shard_run VALUES (?, ?, ?, ?)");
        _putProgress = database.Prepare("UPDATE progress SET indexed_position = ?");
        _tail.CatchUp();
    }

    /// <summary>How many committed events the tables of runs do not cover: what an opening after a kill would have to read.</summary>
    public long Unindexed => _runs.End - _runs.IndexedUpTo;

    /// <summary>The position up to which runs have gone to the tables, by whichever process.</summary>
    public long IndexedUpTo => _runs.IndexedUpTo;

    /// <summary>The same as this transaction sees it. What stands there is found by the tables alone once it is committed.</summary>
    public long CoveredUpTo => Math.Max(_runs.IndexedUpTo, _indexedNow);

    /// <summary>Takes up what other processes have committed, in a transaction of its own.</summary>
    public void CatchUp() => _tail.CatchUp();

    /// <summary>The same within the write transaction: from then on until its end the log is known to its end.</summary>
    public void CatchUpWithin() => _tail.CatchUpWithin();

    /// <summary>Adds an event behind the last.</summary>
    public void Add(ShardId shard, long offset, long entity, Epoch epoch, JournalEvent e)
    {
        long position = _runs.End + _movedNow + _added.Count + 1;
        _add.Bind(1, position).Bind(2, shard.Value).Bind(3, offset).Bind(4, entity).Bind(5, e.Sequence).Bind(6, epoch.Term).Bind(7, epoch.Generation)
            .Bind(8, e.AtUnixMs).Bind(9, e.Manifest).Bind(10, e.Payload.Span).Run();
        _added.Add(new LogEntry(entity, e.Sequence, shard.Value, offset, position));
    }

    /// <summary>How many events the transaction has added.</summary>
    public int Mark() => _added.Count;

    /// <summary>Forgets the events added since the mark, which were taken back from the table.</summary>
    public void ReturnTo(int mark) => _added.RemoveRange(mark, _added.Count - mark);

    /// <summary>Moves the runs of what is committed to their tables, in the order of the tables, in this transaction.</summary>
    public void IndexRuns()
    {
        foreach (var (entity, run) in _runs.Entities.InOrder())
        {
            _putEntityRun.Bind(1, entity).Bind(2, run.First).Bind(3, run.Position).Bind(4, run.Count).Run();
        }
        foreach (var (shard, run) in _runs.Shards.InOrder())
        {
            _putShardRun.Bind(1, shard).Bind(2, run.First).Bind(3, run.Position).Bind(4, run.Count).Run();
        }
        _putProgress.Bind(1, _runs.End).Run();
        _indexedNow = _runs.End;
    }

    /// <summary>How many events of the transaction are held in memory.</summary>
    public int AddedCount => _added.Count;

    /// <summary>Moves the runs of what this transaction has added to their tables, so that one of any length holds a bounded number in memory. Only in a log that was empty when it began: the tables have to cover all that stands
    /// before.</summary>
    public void IndexAdded()
    {
        if (_runs.End > 0) throw new InvalidOperationException("The log was not empty.");
        _added.Sort(static (x, y) => (x.Entity, x.Sequence).CompareTo((y.Entity, y.Sequence)));
        PutRuns(_putEntityRun, static entry => (entry.Entity, entry.Sequence));
        _added.Sort(static (x, y) => x.Position.CompareTo(y.Position));
        PutRuns(_putShardRun, static entry => (entry.Shard, entry.Offset));
        _movedNow += _added.Count;
        _indexedNow = _movedNow;
        _putProgress.Bind(1, _indexedNow).Run();
        _added.Clear();
    }

    private void PutRuns(Statement put, Func<LogEntry, (long Key, long Number)> numberOf)
    {
        (long Key, Run Run)? last = null;
        foreach (var entry in _added)
        {
            var (key, number) = numberOf(entry);
            if (last is var (lastKey, run) && lastKey == key && run.IsFollowedBy(number, entry.Position))
            {
                last = (key, run with { Count = run.Count + 1 });
                continue;
            }
            Put(last);
            last = (key, new Run(number, entry.Position, 1));
        }
        Put(last);

        void Put((long Key, Run Run)? done)
        {
            if (done is var (key, run)) put.Bind(1, key).Bind(2, run.First).Bind(3, run.Position).Bind(4, run.Count).Run();
        }
    }

    /// <summary>Publishes what was committed, whole.</summary>
    public void AfterCommit()
    {
        _runs.Publish(_indexedNow, _added);
        _added.Clear();
        _indexedNow = 0;
        _movedNow = 0;
    }

    public void AfterRollback()
    {
        _added.Clear();
        _indexedNow = 0;
        _movedNow = 0;
    }
}
