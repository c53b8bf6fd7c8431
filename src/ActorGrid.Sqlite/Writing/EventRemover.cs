using ActorGrid.Persistence;

namespace ActorGrid.Sqlite;

/// <summary>
/// Removes the first events of entities from the log, within a write transaction. Only what the tables of runs cover: so the runs in memory, the end of the log and what an opening reads of it are not
/// touched. What is not as it should be stays, for a reader to find.
/// </summary>
internal sealed class EventRemover(Database database, EventLog log)
{
    private readonly Statement _findSnapshot = database.Prepare("SELECT sequence FROM snapshot WHERE entity = ?");
    private readonly Statement _findRemoved = database.Prepare("SELECT removed_to FROM entity_removal WHERE entity = ?");
    private readonly Statement _findCursor = database.Prepare("SELECT 1 FROM subscription WHERE name = ? AND shard = ?");
    private readonly Statement _findDone = database.Prepare("SELECT min(done) FROM subscription WHERE shard = ?");
    private readonly Statement _findRuns = database.Prepare("SELECT first, position, count FROM entity_run WHERE entity = ? ORDER BY first");
    private readonly Statement _findShardRun = database.Prepare("SELECT first, position, count FROM shard_run WHERE shard = ?1 AND first <= ?2 ORDER BY first DESC LIMIT 1");
    private readonly Statement _readHeads = database.Prepare("SELECT position, entity, sequence, shard, shard_offset, at FROM event WHERE position BETWEEN ? AND ? ORDER BY position");
    private readonly Statement _findAny = database.Prepare("SELECT 1 FROM event WHERE position BETWEEN ? AND ? LIMIT 1");
    private readonly Statement _delete = database.Prepare("DELETE FROM event WHERE position BETWEEN ? AND ?");
    private readonly Statement _deleteRun = database.Prepare("DELETE FROM entity_run WHERE entity = ? AND first = ?");
    private readonly Statement _putRun = database.Prepare("INSERT INTO entity_run VALUES (?, ?, ?, ?)");
    private readonly Statement _deleteShardRun = database.Prepare("DELETE FROM shard_run WHERE shard = ? AND first = ?");

    private readonly Statement _noteEntity = database.Prepare(
        "INSERT INTO entity_removal VALUES (?1, ?2) ON CONFLICT DO UPDATE SET removed_to = max(removed_to, excluded.removed_to)");

    private readonly Statement _noteShard = database.Prepare(
        "INSERT INTO shard_removal VALUES (?1, ?2) ON CONFLICT DO UPDATE SET removed_to = max(removed_to, excluded.removed_to)");

    /// <summary>The offset up to which nobody needs the events of a shard any more.</summary>
    public long DoneWith(ShardId shard, IReadOnlyList<string> subscriptions)
    {
        foreach (string name in subscriptions)
        {
            if (Find(_findCursor.Bind(1, name).Bind(2, shard.Value)) is null) return 0;
        }
        return Find(_findDone.Bind(1, shard.Value)) ?? long.MaxValue;
    }

    /// <summary>Removes what may go.</summary>
    /// <param name="removal">Of what; the fence is the shard's.</param>
    /// <param name="entity">The number of the entity.</param>
    /// <param name="offsetMax">Events beyond stay.</param>
    public RemovalOutcome Remove(EventRemoval removal, long entity, long offsetMax)
    {
        if (Find(_findSnapshot.Bind(1, entity)) != removal.SnapshotSequence) return new RemovalOutcome(RemovalStatus.NoSuchSnapshot);
        long removedTo = Find(_findRemoved.Bind(1, entity)) ?? 0;
        var pieces = new List<(Run Run, long Count)>();
        var offsets = new List<long>();
        bool hasMore;
        try
        {
            hasMore = FindFirst(removal, entity, offsetMax, removedTo + 1, pieces, offsets);
        }
        finally
        {
            _findRuns.Reset();
            _readHeads.Reset();
        }
        if (offsets.Count == 0) return new RemovalOutcome(RemovalStatus.Removed);
        if (removedTo + offsets.Count >= removal.SnapshotSequence) throw new InvalidOperationException($"The event that the snapshot of {removal.Entity} rests on was to go.");
        var shardRuns = FindShardRuns(removal.Shard, offsets);
        foreach (var (run, count) in pieces)
        {
            _delete.Bind(1, run.Position).Bind(2, run.Position + count - 1).Run();
            _deleteRun.Bind(1, entity).Bind(2, run.First).Run();
            if (run.After(run.First + count - 1) is { Count: > 0 } rest) _putRun.Bind(1, entity).Bind(2, rest.First).Bind(3, rest.Position).Bind(4, rest.Count).Run();
        }
        foreach (var run in shardRuns)
        {
            if (Find(_findAny.Bind(1, run.Position).Bind(2, run.LastPosition)) is null) _deleteShardRun.Bind(1, removal.Shard.Value).Bind(2, run.First).Run();
        }
        _noteEntity.Bind(1, entity).Bind(2, removedTo + offsets.Count).Run();
        _noteShard.Bind(1, removal.Shard.Value).Bind(2, offsets.Max()).Run();
        return new RemovalOutcome(RemovalStatus.Removed, offsets.Count, hasMore);
    }

    /// <summary>Finds the first events, as far as they may go.</summary>
    /// <returns>Whether the next one after these may go as well.</returns>
    private bool FindFirst(EventRemoval removal, long entity, long offsetMax, long next, List<(Run Run, long Count)> pieces, List<long> offsets)
    {
        _findRuns.Bind(1, entity);
        while (_findRuns.Step())
        {
            var run = new Run(_findRuns.Number(0), _findRuns.Number(1), _findRuns.Number(2));
            if (run.First != next || run.LastPosition > log.CoveredUpTo) return false;
            _readHeads.Bind(1, run.Position).Bind(2, run.LastPosition);
            long count = 0;
            bool mayGo = true, isFull = false;
            while (_readHeads.Step())
            {
                long sequence = _readHeads.Number(2), offset = _readHeads.Number(4);
                mayGo = _readHeads.Number(0) == run.Position + count && _readHeads.Number(1) == entity && sequence == next && sequence < removal.SnapshotSequence
                    && _readHeads.Number(3) == removal.Shard.Value && offset <= offsetMax && _readHeads.Number(5) < removal.BeforeUnixMs;
                isFull = offsets.Count == removal.EventsMax;
                if (!mayGo || isFull) break;
                offsets.Add(offset);
                (next, count) = (next + 1, count + 1);
            }
            if (count > 0) pieces.Add((run, count));
            if (!mayGo || isFull) return mayGo;
            if (count < run.Count) return false;
        }
        return false;
    }

    private List<Run> FindShardRuns(ShardId shard, List<long> offsets)
    {
        var runs = new List<Run>();
        foreach (long offset in offsets)
        {
            if (runs.Count > 0 && runs[^1].Contains(offset)) continue;
            if (!_findShardRun.Bind(1, shard.Value).Bind(2, offset).Step()) continue;
            var run = new Run(_findShardRun.Number(0), _findShardRun.Number(1), _findShardRun.Number(2));
            _findShardRun.Reset();
            if (run.Contains(offset)) runs.Add(run);
        }
        return runs;
    }

    private static long? Find(Statement find)
    {
        if (!find.Step()) return null;
        long? found = find.IsNull(0) ? null : find.Number(0);
        find.Reset();
        return found;
    }
}
