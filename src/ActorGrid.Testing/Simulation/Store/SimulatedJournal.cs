using ActorGrid.Persistence;

namespace ActorGrid.Testing;

/// <summary>Journal and snapshots of the database, as one life of a process reaches them.</summary>
internal sealed class SimulatedJournal(SimulatedDatabase database, SimulatedProcess process) : IEventJournal, ISnapshotStore, ICursorStore
{
    private readonly IEventJournal _journal = database.Memory.Journal;

    public Task<IReadOnlyList<AppendOutcome>> AppendAsync(IReadOnlyList<ShardAppend> appends, CancellationToken cancellationToken) =>
        new AppendCall(database, process, appends, cancellationToken).Send();

    public Task<IReadOnlyList<FenceOutcome>> RaiseFencesAsync(IReadOnlyList<FenceRaise> raises, CancellationToken cancellationToken)
    {
        // The list belongs to the caller again once he has an answer, which may come before the commit.
        IReadOnlyList<FenceRaise> own = [.. raises];
        return new PlainCall<IReadOnlyList<FenceOutcome>>(
            database, process, StoreOperation.RaiseFences, () => _journal.RaiseFencesAsync(own, CancellationToken.None), cancellationToken,
            outcomes => OnRaised(own, outcomes)).Send();
    }

    public Task<int> ForgetRepliesAsync(long issuedBeforeUnixMs, int repliesMax, CancellationToken cancellationToken) =>
        Call(StoreOperation.ForgetReplies, () => _journal.ForgetRepliesAsync(issuedBeforeUnixMs, repliesMax, CancellationToken.None), cancellationToken);

    public Task<IReadOnlyList<RemovalOutcome>> RemoveEventsAsync(IReadOnlyList<EventRemoval> removals, IReadOnlyList<string> subscriptions, CancellationToken cancellationToken)
    {
        IReadOnlyList<EventRemoval> own = [.. removals];
        IReadOnlyList<string> names = [.. subscriptions];
        return new PlainCall<IReadOnlyList<RemovalOutcome>>(
            database, process, StoreOperation.RemoveEvents, () => _journal.RemoveEventsAsync(own, names, CancellationToken.None), cancellationToken,
            outcomes => OnRemoved(own, outcomes)).Send();
    }

    public Task<IReadOnlyList<SnapshotOutcome>> SaveAsync(IReadOnlyList<SnapshotWrite> snapshots, CancellationToken cancellationToken)
    {
        IReadOnlyList<SnapshotWrite> own = [.. snapshots.Select(static w => w with { Snapshot = w.Snapshot with { Payload = w.Snapshot.Payload.ToArray() } })];
        return Call(StoreOperation.SaveSnapshots, () => database.Memory.Snapshots.SaveAsync(own, CancellationToken.None), cancellationToken);
    }

    public Task<IReadOnlyList<(ShardId Shard, Fence Fence)>> ReadFencesAsync(CancellationToken cancellationToken) =>
        Read(() => _journal.ReadFencesAsync(CancellationToken.None), cancellationToken);

    public Task<IReadOnlyList<EntityPage>> ReadEntitiesAsync(IReadOnlyList<EntityRead> reads, CancellationToken cancellationToken)
    {
        IReadOnlyList<EntityRead> own = [.. reads];
        return Read(() => _journal.ReadEntitiesAsync(own, CancellationToken.None), cancellationToken);
    }

    public Task<ShardPage> ReadShardAsync(ShardId shard, long afterOffset, int eventsMax, CancellationToken cancellationToken) =>
        Read(() => _journal.ReadShardAsync(shard, afterOffset, eventsMax, CancellationToken.None), cancellationToken);

    public Task<ReplyLookUp> FindReplyAsync(EntityId entity, CommandId command, CancellationToken cancellationToken) =>
        Read(() => _journal.FindReplyAsync(entity, command, CancellationToken.None), cancellationToken);

    public Task<IReadOnlyList<TimerRecord>> ReadTimersAsync(ShardId shard, TimerPosition? after, int timersMax, CancellationToken cancellationToken) =>
        Read(() => _journal.ReadTimersAsync(shard, after, timersMax, CancellationToken.None), cancellationToken);

    public Task<ReadOnlyMemory<byte>?> ReadAttachmentAsync(EntityId entity, string name, CancellationToken cancellationToken) =>
        Read(() => _journal.ReadAttachmentAsync(entity, name, CancellationToken.None), cancellationToken);

    public Task<IReadOnlyList<string>> ListEntityTypesAsync(CancellationToken cancellationToken) =>
        Read(() => _journal.ListEntityTypesAsync(CancellationToken.None), cancellationToken);

    public Task<IReadOnlyList<string>> ListEntitiesAsync(string type, string? afterKey, int keysMax, CancellationToken cancellationToken) =>
        Read(() => _journal.ListEntitiesAsync(type, afterKey, keysMax, CancellationToken.None), cancellationToken);

    public Task<IReadOnlyList<Cursor>> ReadAsync(IReadOnlyList<CursorKey> keys, CancellationToken cancellationToken)
    {
        IReadOnlyList<CursorKey> own = [.. keys];
        return Read(() => database.Memory.Cursors.ReadAsync(own, CancellationToken.None), cancellationToken);
    }

    public Task<IReadOnlyList<bool>> MoveAsync(IReadOnlyList<CursorMove> moves, CancellationToken cancellationToken)
    {
        IReadOnlyList<CursorMove> own = [.. moves];
        return new PlainCall<IReadOnlyList<bool>>(
            database, process, StoreOperation.MoveCursors, () => database.Memory.Cursors.MoveAsync(own, CancellationToken.None), cancellationToken, moved => OnMoved(own, moved)).Send();
    }

    private Task<T> Read<T>(Func<Task<T>> body, CancellationToken cancellationToken) => Call(StoreOperation.Read, body, cancellationToken);

    private Task<T> Call<T>(StoreOperation operation, Func<Task<T>> body, CancellationToken cancellationToken) =>
        new PlainCall<T>(database, process, operation, body, cancellationToken).Send();

    private void OnRaised(IReadOnlyList<FenceRaise> raises, IReadOnlyList<FenceOutcome> outcomes)
    {
        var world = process.World;
        for (int i = 0; i < outcomes.Count; i++)
        {
            var outcome = outcomes[i];
            world.Trace.Add(new TraceEntry(
                world.NowTicks, TraceKind.FenceRaised, process.Machine.Number, outcome.Shard.Value, outcome.LastOffset, outcome.Raised ? 1 : 0,
                world.Trace.IsRecorded ? outcome.Current.ToString() : null));
            foreach (var observer in database.Observers) observer.OnFence(process, raises[i], outcome);
        }
    }

    private void OnMoved(IReadOnlyList<CursorMove> moves, IReadOnlyList<bool> moved)
    {
        foreach (var observer in database.Observers)
        {
            for (int i = 0; i < moves.Count; i++) observer.OnCursor(process, moves[i], moved[i]);
        }
    }

    private void OnRemoved(IReadOnlyList<EventRemoval> removals, IReadOnlyList<RemovalOutcome> outcomes)
    {
        for (int i = 0; i < outcomes.Count; i++)
        {
            if (outcomes[i].Count == 0) continue;
            process.World.Note(removals[i].Entity, $"{outcomes[i].Count} events below the snapshot of event {removals[i].SnapshotSequence} were removed (fence {removals[i].Fence.Epoch})", process.Machine.Number);
            foreach (var observer in database.Observers) observer.OnRemoved(process, removals[i], outcomes[i]);
        }
    }
}
