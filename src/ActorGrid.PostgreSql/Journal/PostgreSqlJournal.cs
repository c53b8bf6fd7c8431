using ActorGrid.Persistence;
using Npgsql;

namespace ActorGrid.PostgreSql;

/// <summary>The contracts of the journal and the snapshots: checks what it is given, and hands it on.</summary>
internal sealed class PostgreSqlJournal(GridIdentity grid, Sessions sessions, PostgreSqlStoreOptions options, Timeline timeline, Tails tails, Contention contention)
    : IEventJournal, ISnapshotStore, ICursorStore
{
    // Marked first of all: both take effect with the one commit.
    private const string ForgetReplies = """
        WITH noted AS (UPDATE progress SET forgotten_before = greatest(forgotten_before, $1))
        DELETE FROM reply WHERE (command, type, key) IN (SELECT command, type, key FROM reply WHERE command < $2 ORDER BY command, type, key LIMIT $3)
        """;

    private const long UnixMsMax = 0xFFFF_FFFF_FFFF;

    private readonly Appender _appender = new(sessions, options, timeline, tails);
    private readonly FenceRaiser _raiser = new(sessions, options, timeline, tails, contention);
    private readonly HistoryReader _histories = new(sessions);
    private readonly IndexReader _indices = new(sessions);
    private readonly SnapshotWriter _snapshots = new(sessions, options);
    private readonly EventRemover _remover = new(sessions);
    private readonly CursorTable _cursors = new(sessions, options);
    private readonly Projector _projector = new(sessions, options);

    /// <summary>Does what it can once without effect, so that the first request of a node need not wait for what is slow at first.</summary>
    public Rehearsal NewRehearsal(TimeProvider time) => new(sessions, options, time, _raiser, _histories, _indices);

    public Task<IReadOnlyList<FenceOutcome>> RaiseFencesAsync(IReadOnlyList<FenceRaise> raises, CancellationToken cancellationToken)
    {
        JournalArguments.Check(raises, grid);
        return Detached.Run(() => _raiser.RaiseAsync(raises, cancellationToken));
    }

    public Task<IReadOnlyList<AppendOutcome>> AppendAsync(IReadOnlyList<ShardAppend> appends, CancellationToken cancellationToken)
    {
        JournalArguments.Check(appends, grid);
        if (cancellationToken.IsCancellationRequested) return Task.FromCanceled<IReadOnlyList<AppendOutcome>>(cancellationToken);
        return Detached.Run(() => _appender.AppendAsync(appends));
    }

    public Task<int> ForgetRepliesAsync(long issuedBeforeUnixMs, int repliesMax, CancellationToken cancellationToken)
    {
        JournalArguments.CheckPage(0, repliesMax);
        // Commands begin with 48 bits of time; a bound beyond those is above all of them.
        var bound = issuedBeforeUnixMs <= 0 ? Guid.Empty
            : issuedBeforeUnixMs > UnixMsMax ? Guid.AllBitsSet
            : new CommandId((ulong)issuedBeforeUnixMs << 16, 0).ToUuid();
        return Detached.Run(() => sessions.Background.RepeatAsync(
            async connection =>
            {
                await using var batch = new NpgsqlBatch(connection);
                batch.BatchCommands.Add(new NpgsqlBatchCommand(ForgetReplies).With(issuedBeforeUnixMs).With(bound).With((long)repliesMax));
                return await batch.ExecuteNonQueryAsync(cancellationToken);
            },
            cancellationToken));
    }

    public Task<IReadOnlyList<SnapshotOutcome>> SaveAsync(IReadOnlyList<SnapshotWrite> snapshots, CancellationToken cancellationToken)
    {
        JournalArguments.Check(snapshots, grid);
        return Detached.Run(() => _snapshots.SaveAsync(snapshots, cancellationToken));
    }

    public Task<IReadOnlyList<RemovalOutcome>> RemoveEventsAsync(IReadOnlyList<EventRemoval> removals, IReadOnlyList<string> subscriptions, CancellationToken cancellationToken)
    {
        JournalArguments.Check(removals, subscriptions, grid);
        return Detached.Run(() => _remover.RemoveAsync(removals, subscriptions, cancellationToken));
    }

    public Task<IReadOnlyList<bool>> MoveAsync(IReadOnlyList<CursorMove> moves, CancellationToken cancellationToken)
    {
        CursorMove.Check(moves, grid);
        return Detached.Run(() => _cursors.MoveAsync(moves, cancellationToken));
    }

    /// <summary>Moves the cursor of a projection in one transaction with what the projection does.</summary>
    public Task<bool> ProjectAsync(CursorMove move, Func<NpgsqlTransaction, CancellationToken, Task>? project, CancellationToken cancellationToken)
    {
        CursorMove.Check([move], grid);
        return Detached.Run(() => _projector.ProjectAsync(move, project, cancellationToken));
    }

    public Task<IReadOnlyList<Cursor>> ReadAsync(IReadOnlyList<CursorKey> keys, CancellationToken cancellationToken) => Detached.Run(() => _cursors.ReadAsync(keys, cancellationToken));

    public Task<IReadOnlyList<(ShardId Shard, Fence Fence)>> ReadFencesAsync(CancellationToken cancellationToken) =>
        Detached.Run(() => _indices.ReadFencesAsync(cancellationToken));

    public Task<IReadOnlyList<EntityPage>> ReadEntitiesAsync(IReadOnlyList<EntityRead> reads, CancellationToken cancellationToken)
    {
        JournalArguments.Check(reads);
        return Detached.Run(() => _histories.ReadEntitiesAsync(reads, cancellationToken));
    }

    public Task<ShardPage> ReadShardAsync(ShardId shard, long afterOffset, int eventsMax, CancellationToken cancellationToken)
    {
        JournalArguments.Check(shard, grid);
        JournalArguments.CheckPage(afterOffset, eventsMax);
        return Detached.Run(() => _histories.ReadShardAsync(shard, afterOffset, eventsMax, cancellationToken));
    }

    public Task<ReplyLookUp> FindReplyAsync(EntityId entity, CommandId command, CancellationToken cancellationToken) =>
        Detached.Run(() => _indices.FindReplyAsync(entity, command, cancellationToken));

    public Task<IReadOnlyList<TimerRecord>> ReadTimersAsync(ShardId shard, TimerPosition? after, int timersMax, CancellationToken cancellationToken)
    {
        JournalArguments.Check(shard, grid);
        JournalArguments.CheckPage(0, timersMax);
        return Detached.Run(() => _indices.ReadTimersAsync(shard, after, timersMax, cancellationToken));
    }

    public Task<ReadOnlyMemory<byte>?> ReadAttachmentAsync(EntityId entity, string name, CancellationToken cancellationToken) =>
        Detached.Run(() => _indices.ReadAttachmentAsync(entity, name, cancellationToken));

    public Task<IReadOnlyList<string>> ListEntityTypesAsync(CancellationToken cancellationToken) =>
        Detached.Run(() => _indices.ListEntityTypesAsync(cancellationToken));

    public Task<IReadOnlyList<string>> ListEntitiesAsync(string type, string? afterKey, int keysMax, CancellationToken cancellationToken)
    {
        JournalArguments.CheckPage(0, keysMax);
        return Detached.Run(() => _indices.ListEntitiesAsync(type, afterKey, keysMax, cancellationToken));
    }
}
