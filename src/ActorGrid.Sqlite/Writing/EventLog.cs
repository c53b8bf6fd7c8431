using ActorGrid.Persistence;

namespace ActorGrid.Sqlite;

/// <summary>The log of events, to which rows are added behind the last, and the runs that tell where they stand.</summary>
internal sealed class EventLog
{
    private readonly PendingRuns _runs;
    private readonly Statement _add, _putEntityRun, _putShardRun, _putProgress;
    private readonly List<LogEntry> _added = [];
    private long _committed, _indexedUpTo;
    private bool _indexed;

    /// <summary>Finds the end of the log, and takes up what the tables of runs do not cover.</summary>
    public EventLog(Database database, PendingRuns runs)
    {
        _runs = runs;
        _add = database.Prepare("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
        _putEntityRun = database.Prepare("INSERT INTO entity_run VALUES (?, ?, ?, ?)");
        _putShardRun = database.Prepare("INSERT INTO shard_run VALUES (?, ?, ?, ?)");
        _putProgress = database.Prepare("UPDATE progress SET indexed_position = ?");
        _committed = _indexedUpTo = database.ReadNumber("SELECT indexed_position FROM progress") ?? 0;
        using var rest = database.Prepare("SELECT position, entity, sequence, shard, shard_offset FROM event WHERE position > ? ORDER BY position");
        rest.Bind(1, _committed);
        while (rest.Step())
        {
            _committed = rest.Number(0);
            runs.Add(new LogEntry(rest.Number(1), rest.Number(2), rest.Number(3), rest.Number(4), _committed));
        }
    }

    /// <summary>How many committed events the tables of runs do not cover: what an opening after a kill would have to read.</summary>
    public long Unindexed => _committed - _indexedUpTo;

    /// <summary>Adds an event behind the last.</summary>
    public void Add(ShardId shard, long offset, long entity, Epoch epoch, JournalEvent e)
    {
        long position = _committed + _added.Count + 1;
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
        _putProgress.Bind(1, _committed).Run();
        _indexed = true;
    }

    /// <summary>Publishes what was committed, whole.</summary>
    public void AfterCommit()
    {
        _runs.Publish(_indexed, _added);
        if (_indexed) _indexedUpTo = _committed;
        _committed += _added.Count;
        _added.Clear();
        _indexed = false;
    }

    public void AfterRollback()
    {
        _added.Clear();
        _indexed = false;
    }
}
