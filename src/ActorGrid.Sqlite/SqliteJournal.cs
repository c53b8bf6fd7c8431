using ActorGrid.Persistence;
using Microsoft.Data.Sqlite;

namespace ActorGrid.Sqlite;

/// <summary>The contracts of the journal and the snapshots: checks what it is given, and hands it to the threads of the store.</summary>
internal sealed class SqliteJournal(GridIdentity grid, WorkQueue<WriteRequest> writes, WorkQueue<ReadRequest> reads) : IEventJournal, ISnapshotStore, ICursorStore
{
    public Task<IReadOnlyList<FenceOutcome>> RaiseFencesAsync(IReadOnlyList<FenceRaise> raises, CancellationToken cancellationToken)
    {
        JournalArguments.Check(raises, grid);
        return WriteAsync((writer, _) => writer.Raise(raises), raises.Count, cancellationToken);
    }

    public Task<IReadOnlyList<AppendOutcome>> AppendAsync(IReadOnlyList<ShardAppend> appends, CancellationToken cancellationToken)
    {
        JournalArguments.Check(appends, grid);
        int rows = 0;
        foreach (var append in appends) rows += RowsOf(append);
        var request = new WriteRequest<IReadOnlyList<AppendOutcome>>(
            (writer, apart) =>
            {
                var outcomes = new AppendOutcome[appends.Count];
                for (int i = 0; i < outcomes.Length; i++) outcomes[i] = apart ? writer.AppendApart(appends[i]) : writer.Append(appends[i]);
                return outcomes;
            },
            (status, error) => [.. appends.Select(append => new AppendOutcome(append.Shard, status, Error: error))])
        {
            Rows = rows,
            Cancellation = cancellationToken,
        };
        Add(request);
        return request.Task;
    }

    public Task<int> ForgetRepliesAsync(long issuedBeforeUnixMs, int repliesMax, CancellationToken cancellationToken)
    {
        JournalArguments.CheckPage(0, repliesMax);
        return WriteAsync((writer, _) => writer.ForgetReplies(issuedBeforeUnixMs, repliesMax), repliesMax, cancellationToken);
    }

    public Task<IReadOnlyList<RemovalOutcome>> RemoveEventsAsync(IReadOnlyList<EventRemoval> removals, IReadOnlyList<string> subscriptions, CancellationToken cancellationToken)
    {
        JournalArguments.Check(removals, subscriptions, grid);
        return WriteAsync((writer, _) => writer.Remove(removals, subscriptions), (int)Math.Min(removals.Sum(static removal => (long)removal.EventsMax), int.MaxValue), cancellationToken);
    }

    public Task<IReadOnlyList<SnapshotOutcome>> SaveAsync(IReadOnlyList<SnapshotWrite> snapshots, CancellationToken cancellationToken)
    {
        JournalArguments.Check(snapshots, grid);
        return WriteAsync((writer, _) => writer.Save(snapshots), snapshots.Count, cancellationToken);
    }

    public Task<IReadOnlyList<bool>> MoveAsync(IReadOnlyList<CursorMove> moves, CancellationToken cancellationToken)
    {
        CursorMove.Check(moves, grid);
        return WriteAsync<IReadOnlyList<bool>>((writer, _) => [.. moves.Select(writer.Move)], moves.Count, cancellationToken);
    }

    /// <summary>Moves the cursor of a projection in one transaction with what the projection does.</summary>
    public Task<bool> ProjectAsync(CursorMove move, Action<SqliteTransaction>? project, CancellationToken cancellationToken)
    {
        CursorMove.Check([move], grid);
        var request = new ProjectionRequest(move, project) { Rows = WriteRequest.AloneRows, Cancellation = cancellationToken };
        Add(request);
        return request.Task;
    }

    public Task<IReadOnlyList<Cursor>> ReadAsync(IReadOnlyList<CursorKey> keys, CancellationToken cancellationToken) =>
        ReadAsync<IReadOnlyList<Cursor>>(reader => [.. keys.Select(reader.ReadCursor)], cancellationToken);

    public Task<IReadOnlyList<(ShardId Shard, Fence Fence)>> ReadFencesAsync(CancellationToken cancellationToken) =>
        ReadAsync(static reader => reader.ReadFences(), cancellationToken);

    public Task<IReadOnlyList<EntityPage>> ReadEntitiesAsync(IReadOnlyList<EntityRead> reads, CancellationToken cancellationToken)
    {
        JournalArguments.Check(reads);
        return ReadAsync(reader => reader.ReadEntities(reads), cancellationToken);
    }

    public Task<ShardPage> ReadShardAsync(ShardId shard, long afterOffset, int eventsMax, CancellationToken cancellationToken)
    {
        JournalArguments.Check(shard, grid);
        JournalArguments.CheckPage(afterOffset, eventsMax);
        return ReadAsync(reader => reader.ReadShard(shard, afterOffset, eventsMax), cancellationToken);
    }

    public Task<ReplyLookUp> FindReplyAsync(EntityId entity, CommandId command, CancellationToken cancellationToken) =>
        ReadAsync(reader => reader.FindReply(entity, command), cancellationToken);

    public Task<IReadOnlyList<TimerRecord>> ReadTimersAsync(
        ShardId shard, TimerPosition? after, int timersMax, CancellationToken cancellationToken)
    {
        JournalArguments.Check(shard, grid);
        JournalArguments.CheckPage(0, timersMax);
        return ReadAsync(reader => reader.ReadTimers(shard, after, timersMax), cancellationToken);
    }

    public Task<ReadOnlyMemory<byte>?> ReadAttachmentAsync(EntityId entity, string name, CancellationToken cancellationToken) =>
        ReadAsync(reader => reader.ReadAttachment(entity, name), cancellationToken);

    public Task<IReadOnlyList<string>> ListEntityTypesAsync(CancellationToken cancellationToken) =>
        ReadAsync(static reader => reader.ListEntityTypes(), cancellationToken);

    public Task<IReadOnlyList<string>> ListEntitiesAsync(string type, string? afterKey, int keysMax, CancellationToken cancellationToken)
    {
        JournalArguments.CheckPage(0, keysMax);
        return ReadAsync(reader => reader.ListEntities(type, afterKey, keysMax), cancellationToken);
    }

    private Task<T> WriteAsync<T>(Func<JournalWriter, bool, T> body, int rows, CancellationToken cancellationToken)
    {
        var request = new WriteRequest<T>(body, outcomeOf: null) { Rows = rows, Cancellation = cancellationToken };
        Add(request);
        return cancellationToken.CanBeCanceled ? request.Task.WaitAsync(cancellationToken) : request.Task;
    }

    private void Add(WriteRequest request)
    {
        if (!writes.TryAdd(request)) request.Refuse(Busy("writes"));
    }

    private Task<T> ReadAsync<T>(Func<JournalReader, T> body, CancellationToken cancellationToken)
    {
        var request = new ReadRequest<T>(body, cancellationToken);
        if (!reads.TryAdd(request)) return Task.FromException<T>(Busy("reads"));
        return cancellationToken.CanBeCanceled ? request.Task.WaitAsync(cancellationToken) : request.Task;
    }

    private static int RowsOf(ShardAppend append) =>
        1 + append.Events.Count + append.Replies.Count + append.Timers.Count + append.Attachments.Count;

    private static StoreException Busy(string what) =>
        new($"Too many {what} wait for the store already. Ask for less at once.", isTransient: true);
}
