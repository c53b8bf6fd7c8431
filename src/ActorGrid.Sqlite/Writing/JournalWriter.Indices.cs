using System.Diagnostics.CodeAnalysis;
using ActorGrid.Persistence;

namespace ActorGrid.Sqlite;

/// <summary>What is kept beside the events: timers, attachments, snapshots, and the runs.</summary>
internal sealed partial class JournalWriter
{
    private const int UnindexedMax = 100_000;

    private Statement _putTimer, _deleteTimer, _putAttachment, _deleteAttachment, _findRun, _findEpoch, _putSnapshot, _moveCursor;

    [MemberNotNull(
        nameof(_putTimer), nameof(_deleteTimer), nameof(_putAttachment), nameof(_deleteAttachment), nameof(_findRun), nameof(_findEpoch), nameof(_putSnapshot),
        nameof(_moveCursor))]
    private void PrepareIndices(Database database)
    {
        _putTimer = database.Prepare("""
            INSERT INTO timer (entity, name, shard, due, type, key, set_sequence, manifest, payload) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (entity, name) DO UPDATE SET
                due = excluded.due, set_sequence = excluded.set_sequence, manifest = excluded.manifest, payload = excluded.payload
            """);
        _deleteTimer = database.Prepare("DELETE FROM timer WHERE entity = ? AND name = ?");
        _putAttachment = database.Prepare("""
            INSERT INTO attachment (entity, name, payload) VALUES (?, ?, ?) ON CONFLICT (entity, name) DO UPDATE SET payload = excluded.payload
            """);
        _deleteAttachment = database.Prepare("DELETE FROM attachment WHERE entity = ? AND name = ?");
        _findRun = database.Prepare("SELECT first, position, count FROM entity_run WHERE entity = ?1 AND first <= ?2 ORDER BY first DESC LIMIT 1");
        _findEpoch = database.Prepare("SELECT term, generation FROM event WHERE position = ?");
        _putSnapshot = database.Prepare("""
            INSERT INTO snapshot VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET sequence = excluded.sequence, term = excluded.term, generation = excluded.generation,
                at = excluded.at, payload = excluded.payload
            WHERE excluded.sequence > snapshot.sequence
            """);
        // The first version is inserted where there is none; a later one finds the one before, or changes nothing.
        _moveCursor = database.Prepare(CursorMoves.Sql);
    }

    /// <summary>
    /// Whether the runs are due to be moved to the tables: there are enough to share pages and few enough to be moved between two commits,
    /// or, however few, they stand for so many events that the next opening, which reads those events, would take long after a kill.
    /// </summary>
    public bool IsIndexDue => _runs.Count >= _options.RunsMax || _log.Unindexed >= UnindexedMax;

    /// <summary>Moves the runs of all that is committed to the tables, in their order.</summary>
    public void IndexRuns() => _log.IndexRuns();

    /// <summary>Makes room in the memory of entities. To be called between transactions.</summary>
    public void Trim() => _entities.Trim();

    public IReadOnlyList<SnapshotOutcome> Save(IReadOnlyList<SnapshotWrite> snapshots)
    {
        var outcomes = new SnapshotOutcome[snapshots.Count];
        for (int i = 0; i < outcomes.Length; i++) outcomes[i] = Save(snapshots[i]);
        return outcomes;
    }

    /// <summary>Moves a cursor, if it is the one before.</summary>
    public bool Move(CursorMove move)
    {
        var (key, to) = move;
        _moveCursor.Bind(1, key.Name).Bind(2, key.Shard.Value).Bind(3, to.Version).Bind(4, to.Epoch.Term).Bind(5, to.Epoch.Generation).Bind(6, to.Offset).Bind(7, to.GivenTo)
            .Bind(8, to.IssuedAtUnixMs).Run();
        return _database.Changes == 1;
    }

    private SnapshotOutcome Save(SnapshotWrite write)
    {
        var (shard, fence, snapshot) = write;
        if (FindShard(shard).Fence is var current && (current != fence || current == default)) return SnapshotOutcome.Fenced;
        if (_entities.Find(snapshot.Entity) is not { } entity) return SnapshotOutcome.NoSuchEvent;
        if (FindPosition(entity.Id, snapshot.Sequence) is not { } position) return SnapshotOutcome.NoSuchEvent;
        if (!_findEpoch.Bind(1, position).Step()) return SnapshotOutcome.NoSuchEvent;
        var epoch = new Epoch(_findEpoch.Number(0), (int)_findEpoch.Number(1));
        _findEpoch.Reset();
        if (epoch != snapshot.Epoch) return SnapshotOutcome.NoSuchEvent;
        _putSnapshot.Bind(1, entity.Id).Bind(2, snapshot.Sequence).Bind(3, epoch.Term).Bind(4, epoch.Generation).Bind(5, snapshot.AtUnixMs)
            .Bind(6, snapshot.Payload.Span).Run();
        return SnapshotOutcome.Saved;
    }

    private long? FindPosition(long entity, long sequence)
    {
        if (sequence < 1) return null;
        foreach (var pending in _runs.Entities.Copy(entity, sequence - 1))
        {
            if (pending.First <= sequence) return pending.After(sequence - 1).Position;
        }
        if (!_findRun.Bind(1, entity).Bind(2, sequence).Step()) return null;
        var run = new Run(_findRun.Number(0), _findRun.Number(1), _findRun.Number(2));
        _findRun.Reset();
        return run.Last >= sequence ? run.After(sequence - 1).Position : null;
    }

    private void Change(ShardId shard, TimerChange change)
    {
        long entity = _entities.FindOrAdd(change.Entity).Id;
        if (change.Timer is not { } timer)
        {
            _deleteTimer.Bind(1, entity).Bind(2, change.Name).Run();
            return;
        }
        _putTimer.Bind(1, entity).Bind(2, timer.Name).Bind(3, shard.Value).Bind(4, timer.DueUnixMs).Bind(5, timer.Entity.Type).Bind(6, timer.Entity.Key)
            .Bind(7, timer.SetSequence).Bind(8, timer.Manifest).Bind(9, timer.Payload.Span).Run();
    }

    private void Change(AttachmentChange change)
    {
        long entity = _entities.FindOrAdd(change.Entity).Id;
        if (change.Payload is { } payload) _putAttachment.Bind(1, entity).Bind(2, change.Name).Bind(3, payload.Span).Run();
        else _deleteAttachment.Bind(1, entity).Bind(2, change.Name).Run();
    }
}
