namespace ActorGrid.Persistence;

/// <summary>The contracts of the journal and the snapshots, over plain collections and one lock.</summary>
/// <remarks>
/// Payloads are copied on the way in and out, since the caller may use his memory again in either direction. Nothing awaits and no
/// callback runs under the lock, so it is never held for long.
/// </remarks>
internal sealed partial class InMemoryJournal : IEventJournal, ISnapshotStore, ICursorStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ShardId, InMemoryShard> _shards = [];
    private readonly Dictionary<EntityId, InMemoryEntity> _entities = [];
    private readonly Dictionary<string, SortedSet<string>> _keysByType = new(StringComparer.Ordinal);
    private readonly SortedSet<(CommandId Command, int Order, EntityId Entity)> _repliesByAge =
        new(Comparer<(CommandId Command, int Order, EntityId Entity)>.Create(
            static (x, y) => x.Command != y.Command ? x.Command.CompareTo(y.Command) : x.Order.CompareTo(y.Order)));
    private GridIdentity? _grid;
    private long _forgottenBeforeUnixMs;

    public bool TryOpen(GridIdentity identity, out GridIdentity current)
    {
        lock (_gate)
        {
            current = _grid ??= identity;
            return current == identity;
        }
    }

    public Task<IReadOnlyList<(ShardId Shard, Fence Fence)>> ReadFencesAsync(CancellationToken cancellationToken) =>
        Locked<IReadOnlyList<(ShardId, Fence)>>(_ => [.. _shards.Select(static row => (row.Key, row.Value.Fence))], cancellationToken);

    public Task<IReadOnlyList<FenceOutcome>> RaiseFencesAsync(IReadOnlyList<FenceRaise> raises, CancellationToken cancellationToken) =>
        Locked<IReadOnlyList<FenceOutcome>>(grid =>
        {
            JournalArguments.Check(raises, grid);
            return [.. raises.Select(Raise)];
        }, cancellationToken);

    public Task<IReadOnlyList<AppendOutcome>> AppendAsync(IReadOnlyList<ShardAppend> appends, CancellationToken cancellationToken) =>
        Locked<IReadOnlyList<AppendOutcome>>(grid =>
        {
            JournalArguments.Check(appends, grid);
            return [.. appends.Select(Append)];
        }, cancellationToken);

    public Task<int> ForgetRepliesAsync(long issuedBeforeUnixMs, int repliesMax, CancellationToken cancellationToken) =>
        Locked(_ =>
        {
            JournalArguments.CheckPage(0, repliesMax);
            _forgottenBeforeUnixMs = Math.Max(_forgottenBeforeUnixMs, issuedBeforeUnixMs);
            int forgotten = 0;
            while (forgotten < repliesMax && _repliesByAge.Count > 0 && _repliesByAge.Min.Command.IssuedAtUnixMs < issuedBeforeUnixMs)
            {
                var oldest = _repliesByAge.Min;
                _repliesByAge.Remove(oldest);
                _entities[oldest.Entity].Replies.Remove(oldest.Command);
                forgotten++;
            }
            return forgotten;
        }, cancellationToken);

    public Task<IReadOnlyList<SnapshotOutcome>> SaveAsync(IReadOnlyList<SnapshotWrite> snapshots, CancellationToken cancellationToken) =>
        Locked<IReadOnlyList<SnapshotOutcome>>(grid =>
        {
            JournalArguments.Check(snapshots, grid);
            return [.. snapshots.Select(Save)];
        }, cancellationToken);

    private FenceOutcome Raise(FenceRaise raise)
    {
        if (!_shards.TryGetValue(raise.Shard, out var shard)) _shards.Add(raise.Shard, shard = new InMemoryShard());
        bool raised = raise.Fence == shard.Fence || raise.Fence.Epoch > shard.Fence.Epoch;
        if (raised) shard.Fence = raise.Fence;
        return new FenceOutcome(
            raise.Shard, raised, shard.Fence, shard.LastOffset, shard.YoungestReplyIssuedAtUnixMs, _forgottenBeforeUnixMs);
    }

    private AppendOutcome Append(ShardAppend append)
    {
        if (!_shards.TryGetValue(append.Shard, out var shard)) return new AppendOutcome(append.Shard, AppendStatus.Fenced, default(Fence));
        if (shard.Fence != append.Fence || shard.LastOffset != append.ExpectedOffset)
        {
            return new AppendOutcome(append.Shard, AppendStatus.Fenced, shard.Fence);
        }
        if (FindConflict(append) is { } conflict)
        {
            return new AppendOutcome(append.Shard, AppendStatus.Refused, Error: new StoreException(conflict, isTransient: false));
        }
        foreach (var e in append.Events) Add(shard, e);
        foreach (var reply in append.Replies) Add(shard, reply);
        foreach (var change in append.Timers) Change(shard, change);
        foreach (var change in append.Attachments) Change(change);
        return new AppendOutcome(append.Shard, AppendStatus.Committed);
    }

    /// <summary>All is checked before anything is changed, so that a refused append leaves nothing.</summary>
    private string? FindConflict(ShardAppend append)
    {
        var last = new Dictionary<EntityId, long>();
        foreach (var e in append.Events)
        {
            if (!last.TryGetValue(e.Entity, out long stored)) stored = _entities.TryGetValue(e.Entity, out var entity) ? entity.LastSequence : 0;
            if (e.Sequence != stored + 1) return JournalConflicts.Sequence(e, stored);
            last[e.Entity] = e.Sequence;
        }
        var commands = new HashSet<(EntityId, CommandId)>();
        foreach (var reply in append.Replies)
        {
            bool recorded = _entities.TryGetValue(reply.Entity, out var entity) && entity.Replies.ContainsKey(reply.Command);
            if (recorded || !commands.Add((reply.Entity, reply.Command))) return JournalConflicts.Reply(reply);
        }
        return null;
    }

    private void Add(InMemoryShard shard, JournalEvent e)
    {
        Add(shard, new StoredEvent(e with { Payload = Copy(e.Payload) }, shard.LastOffset + 1, shard.Fence.Epoch));
    }

    private void Add(InMemoryShard shard, StoredEvent stored)
    {
        var e = stored.Event;
        shard.Events.Add(stored);
        var entity = EntityOf(e.Entity);
        entity.Add(stored);
        if (e.Sequence > entity.RemovedTo + 1) return;
        if (!_keysByType.TryGetValue(e.Entity.Type, out var keys)) _keysByType.Add(e.Entity.Type, keys = new SortedSet<string>(Utf8Order.Instance));
        keys.Add(e.Entity.Key);
    }

    private void Add(InMemoryShard shard, ReplyRecord reply)
    {
        Add(reply);
        shard.YoungestReplyIssuedAtUnixMs = Math.Max(shard.YoungestReplyIssuedAtUnixMs, reply.Command.IssuedAtUnixMs);
    }

    private void Add(ReplyRecord reply)
    {
        var entity = EntityOf(reply.Entity);
        entity.Replies.Add(reply.Command, reply with { Payload = Copy(reply.Payload) });
        _repliesByAge.Add((reply.Command, entity.Order, reply.Entity));
    }

    private void Change(InMemoryShard shard, TimerChange change)
    {
        var entity = EntityOf(change.Entity);
        if (entity.Timers.Remove(change.Name, out var old)) shard.Timers.Remove(old.Position);
        if (change.Timer is not { } timer) return;
        timer = timer with { Payload = Copy(timer.Payload) };
        entity.Timers.Add(change.Name, timer);
        shard.Timers.Add(timer.Position, timer);
    }

    private void Change(AttachmentChange change)
    {
        var attachments = EntityOf(change.Entity).Attachments;
        if (change.Payload is { } payload) attachments[change.Name] = Copy(payload);
        else attachments.Remove(change.Name);
    }

    private SnapshotOutcome Save(SnapshotWrite write)
    {
        var snapshot = write.Snapshot;
        if (!_shards.TryGetValue(write.Shard, out var shard) || shard.Fence != write.Fence) return SnapshotOutcome.Fenced;
        if (!_entities.TryGetValue(snapshot.Entity, out var entity)
            || entity.Find(snapshot.Sequence)?.Epoch != snapshot.Epoch)
        {
            return SnapshotOutcome.NoSuchEvent;
        }
        if (entity.Snapshot is null || entity.Snapshot.Sequence < snapshot.Sequence)
        {
            entity.Snapshot = snapshot with { Payload = Copy(snapshot.Payload) };
        }
        return SnapshotOutcome.Saved;
    }

    private InMemoryEntity EntityOf(EntityId id)
    {
        if (!_entities.TryGetValue(id, out var entity)) _entities.Add(id, entity = new InMemoryEntity(_entities.Count));
        return entity;
    }

    private static ReadOnlyMemory<byte> Copy(ReadOnlyMemory<byte> payload) => payload.ToArray();

    /// <summary>Runs under the lock; faults travel in the task, as they do from a store that is not synchronous.</summary>
    private Task<T> Locked<T>(Func<GridIdentity, T> body, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested) return Task.FromCanceled<T>(cancellationToken);
        lock (_gate)
        {
            if (_grid is null) throw new InvalidOperationException("The store is not open: call OpenAsync first.");
            return Task.FromResult(body(_grid));
        }
    }
}
