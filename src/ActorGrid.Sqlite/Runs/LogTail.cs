namespace ActorGrid.Sqlite;

/// <summary>Brings the runs in memory up to what is committed, by any process: the log itself tells what was added to it, and <c>progress</c> what has gone
/// to the tables.</summary>
/// <remarks>A connection of its own thread; several may do this for the same runs.</remarks>
internal sealed class LogTail(Database database, PendingRuns runs)
{
    private readonly Statement _begin = database.Prepare("BEGIN"), _end = database.Prepare("COMMIT");
    private readonly Statement _readProgress = database.Prepare("SELECT indexed_position FROM progress");

    private readonly Statement _readRest =
        database.Prepare("SELECT position, entity, sequence, shard, shard_offset FROM event WHERE position > ? ORDER BY position");

    private readonly List<LogEntry> _found = [];

    /// <summary>In a transaction of its own.</summary>
    public void CatchUp()
    {
        _begin.Run();
        try
        {
            CatchUpWithin();
        }
        finally
        {
            _end.Run();
        }
    }

    /// <summary>In the open transaction, which sees one state of both tables.</summary>
    public void CatchUpWithin()
    {
        _readProgress.Step();
        long indexedUpTo = _readProgress.Number(0);
        _readProgress.Reset();
        _readRest.Bind(1, Math.Max(indexedUpTo, runs.End));
        try
        {
            while (_readRest.Step())
            {
                _found.Add(new LogEntry(_readRest.Number(1), _readRest.Number(2), _readRest.Number(3), _readRest.Number(4), _readRest.Number(0)));
            }
            runs.Publish(indexedUpTo, _found);
        }
        finally
        {
            _readRest.Reset();
            _found.Clear();
        }
    }
}
