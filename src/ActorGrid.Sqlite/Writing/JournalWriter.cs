using ActorGrid.Persistence;

namespace ActorGrid.Sqlite;

/// <summary>
/// What can be done within a write transaction, on the writer's thread: fences, appends, snapshots. What it remembers beside the database
/// is made final by <see cref="AfterCommit"/> and taken back by <see cref="AfterRollback"/>.
/// </summary>
internal sealed partial class JournalWriter
{
    private readonly Database _database;
    private readonly PendingRuns _runs;
    private readonly EntityTable _entities;
    private readonly EventLog _log;
    private readonly EventRemover _removal;
    private readonly SqliteStoreOptions _options;
    private long _rememberedSince;
    private readonly Statement _findShard, _putFence, _advance, _addReply, _findForgotten, _putForgotten, _deleteReplies;

    public JournalWriter(Database database, PendingRuns runs, SqliteStoreOptions options)
    {
        _options = options;
        _database = database;
        _runs = runs;
        _entities = new EntityTable(database, runs.Entities, options.IsShared);
        _log = new EventLog(database, runs);
        _findShard = database.Prepare("SELECT term, generation, owner, last_offset, youngest_reply FROM shard WHERE shard = ?");
        _putFence = database.Prepare("""
            INSERT INTO shard VALUES (?1, ?2, ?3, ?4, 0, 0)
            ON CONFLICT DO UPDATE SET term = excluded.term, generation = excluded.generation, owner = excluded.owner
            """);
        _advance = database.Prepare("""
            UPDATE shard SET last_offset = ?1, youngest_reply = max(youngest_reply, ?2)
            WHERE shard = ?3 AND term = ?4 AND generation = ?5 AND owner = ?6 AND last_offset = ?7
            """);
        _addReply = database.Prepare("INSERT INTO reply VALUES (?, ?, ?, ?)");
        _findForgotten = database.Prepare("SELECT forgotten_before FROM progress");
        _putForgotten = database.Prepare("UPDATE progress SET forgotten_before = max(forgotten_before, ?)");
        _deleteReplies = database.Prepare("""
            DELETE FROM reply WHERE (command, entity) IN (SELECT command, entity FROM reply WHERE command < ?1 ORDER BY command, entity LIMIT ?2)
            """);
        PrepareIndices(database);
        _removal = new EventRemover(database, _log);
    }

    public IReadOnlyList<FenceOutcome> Raise(IReadOnlyList<FenceRaise> raises)
    {
        _findForgotten.Step();
        long forgottenBefore = _findForgotten.Number(0);
        _findForgotten.Reset();
        var outcomes = new FenceOutcome[raises.Count];
        for (int i = 0; i < outcomes.Length; i++)
        {
            var (shard, fence) = raises[i];
            var (current, lastOffset, youngest) = FindShard(shard);
            bool raised = fence == current || fence.Epoch > current.Epoch;
            if (raised && fence != current)
            {
                _putFence.Bind(1, shard.Value).Bind(2, fence.Epoch.Term).Bind(3, fence.Epoch.Generation).Bind(4, fence.Owner).Run();
            }
            outcomes[i] = new FenceOutcome(shard, raised, raised ? fence : current, lastOffset, youngest, forgottenBefore);
        }
        return outcomes;
    }

    /// <summary>Appends to one shard, or finds that it may not.</summary>
    /// <exception cref="ConflictException">The append contradicts what is stored; part of it may have been written.</exception>
    public AppendOutcome Append(ShardAppend append)
    {
        long youngest = 0;
        foreach (var reply in append.Replies) youngest = Math.Max(youngest, reply.Command.IssuedAtUnixMs);
        _advance.Bind(1, append.ExpectedOffset + append.Events.Count).Bind(2, youngest).Bind(3, append.Shard.Value)
            .Bind(4, append.Fence.Epoch.Term).Bind(5, append.Fence.Epoch.Generation).Bind(6, append.Fence.Owner).Bind(7, append.ExpectedOffset).Run();
        if (_database.Changes == 0) return new AppendOutcome(append.Shard, AppendStatus.Fenced, FindShard(append.Shard).Fence);

        long offset = append.ExpectedOffset;
        foreach (var e in append.Events)
        {
            var entity = _entities.FindOrAdd(e.Entity, isListed: true);
            if (e.Sequence != entity.LastSequence + 1) throw new ConflictException(JournalConflicts.Sequence(e, entity.LastSequence));
            entity.LastSequence = e.Sequence;
            _log.Add(append.Shard, ++offset, entity.Id, append.Fence.Epoch, e);
        }
        foreach (var reply in append.Replies) Add(reply);
        foreach (var change in append.Timers) Change(append.Shard, change);
        foreach (var change in append.Attachments) Change(change);
        return new AppendOutcome(append.Shard, AppendStatus.Committed);
    }

    /// <summary>The same, so that a conflict takes back this append and nothing else of the transaction.</summary>
    public AppendOutcome AppendApart(ShardAppend append)
    {
        var mark = _log.Mark();
        _database.Execute("SAVEPOINT append");
        try
        {
            return Append(append);
        }
        catch (ConflictException conflict)
        {
            _database.Execute("ROLLBACK TO append");
            _log.ReturnTo(mark);
            _entities.Clear();
            return new AppendOutcome(append.Shard, AppendStatus.Refused, Error: new StoreException(conflict.Message, isTransient: false));
        }
        finally
        {
            if (_database.InTransaction) _database.Execute("RELEASE append");
        }
    }

    public IReadOnlyList<RemovalOutcome> Remove(IReadOnlyList<EventRemoval> removals, IReadOnlyList<string> subscriptions)
    {
        var outcomes = new RemovalOutcome[removals.Count];
        for (int i = 0; i < outcomes.Length; i++)
        {
            var removal = removals[i];
            var (fence, lastOffset, _) = FindShard(removal.Shard);
            outcomes[i] = fence != removal.Fence || fence == default ? new RemovalOutcome(RemovalStatus.Fenced)
                : _entities.Find(removal.Entity) is not { } entity ? new RemovalOutcome(RemovalStatus.NoSuchSnapshot)
                : _removal.Remove(removal, entity.Id, Math.Min(_removal.DoneWith(removal.Shard, subscriptions), lastOffset - 1));
        }
        return outcomes;
    }

    /// <summary>Writes the rows of an archive into the grid, if it is empty. Alone in the transaction.</summary>
    public void Write(IEnumerable<ArchiveRow> rows, GridIdentity grid) => new ArchiveWriter(_database, _entities, _log, FindPosition, grid, _options.Path).Write(rows);

    public int ForgetReplies(long issuedBeforeUnixMs, int repliesMax)
    {
        _putForgotten.Bind(1, issuedBeforeUnixMs).Run();
        if (issuedBeforeUnixMs <= 0) return 0;
        // Commands begin with 48 bits of time; a bound beyond those is above all of them.
        Span<byte> bound = stackalloc byte[17];
        if (issuedBeforeUnixMs > 0xFFFF_FFFF_FFFF) bound.Fill(0xFF);
        else new CommandId((ulong)issuedBeforeUnixMs << 16, 0).WriteTo(bound);
        _deleteReplies.Bind(1, issuedBeforeUnixMs > 0xFFFF_FFFF_FFFF ? bound : bound[..16]).Bind(2, repliesMax).Run();
        return _database.Changes;
    }

    /// <summary>Does beforehand, and without a turn, what <see cref="AfterBegin"/> would have to do within one.</summary>
    public void CatchUp()
    {
        if (_options.IsShared) _log.CatchUp();
    }

    /// <summary>Makes good what is remembered: whatever other processes have committed is known until the transaction ends.</summary>
    public void AfterBegin()
    {
        if (!_options.IsShared) return;
        _log.CatchUpWithin();
        if (_log.IndexedUpTo == _rememberedSince) return;
        _rememberedSince = _log.IndexedUpTo;
        _entities.Clear();
    }

    public void AfterCommit() => _log.AfterCommit();

    public void AfterRollback()
    {
        _log.AfterRollback();
        _entities.Clear();
    }

    private (Fence Fence, long LastOffset, long YoungestReply) FindShard(ShardId shard)
    {
        if (!_findShard.Bind(1, shard.Value).Step()) return default;
        var fence = new Fence(new Epoch(_findShard.Number(0), (int)_findShard.Number(1)), _findShard.Guid(2));
        var row = (fence, _findShard.Number(3), _findShard.Number(4));
        _findShard.Reset();
        return row;
    }

    private void Add(ReplyRecord reply)
    {
        Span<byte> command = stackalloc byte[16];
        reply.Command.WriteTo(command);
        try
        {
            _addReply.Bind(1, command).Bind(2, _entities.FindOrAdd(reply.Entity).Id).Bind(3, (int)reply.Kind).Bind(4, reply.Payload.Span).Run();
        }
        catch (SqliteFault fault) when (fault.Code == SQLitePCL.raw.SQLITE_CONSTRAINT)
        {
            throw new ConflictException(JournalConflicts.Reply(reply));
        }
    }
}
