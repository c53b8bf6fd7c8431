using ActorGrid.Persistence;

namespace ActorGrid.Testing;

/// <summary>The journal and the snapshots of a <see cref="FaultyStore"/>, which holds the script.</summary>
internal sealed class FaultyJournal(FaultyStore store, IGridStore inner) : IEventJournal, ISnapshotStore, ICursorStore
{
    public async Task<IReadOnlyList<AppendOutcome>> AppendAsync(IReadOnlyList<ShardAppend> appends, CancellationToken cancellationToken)
    {
        switch (store.OnAppend(appends))
        {
            case AppendFault.None:
                return await inner.Journal.AppendAsync(appends, cancellationToken);
            case AppendFault.Refuse:
                return OutcomesOf(appends, AppendStatus.Refused);
            case AppendFault.RefuseForGood:
                var full = new StoreException("The disk is full by script.", isTransient: false);
                return [.. appends.Select(append => new AppendOutcome(append.Shard, AppendStatus.Refused, Error: full))];
            case AppendFault.LoseAppend:
                return OutcomesOf(appends, AppendStatus.Unknown);
            case AppendFault.LoseAnswer:
                await inner.Journal.AppendAsync(appends, cancellationToken);
                return OutcomesOf(appends, AppendStatus.Unknown);
            case AppendFault.CommitLate:
                store.AddLate([.. appends.Select(Copy)]);
                return OutcomesOf(appends, AppendStatus.Unknown);
            case AppendFault.HoldCommit:
                await store.HoldAsync();
                return await inner.Journal.AppendAsync(appends, cancellationToken);
            case AppendFault.HoldAnswer:
                var outcomes = await inner.Journal.AppendAsync(appends, cancellationToken);
                await store.HoldAsync();
                return outcomes;
            default:
                throw new InvalidOperationException("The script of the appends returned an unknown fault.");
        }
    }

    public Task<IReadOnlyList<FenceOutcome>> RaiseFencesAsync(IReadOnlyList<FenceRaise> raises, CancellationToken cancellationToken) =>
        store.CallAsync(StoreCall.RaiseFences, () => inner.Journal.RaiseFencesAsync(raises, cancellationToken));

    public Task<int> ForgetRepliesAsync(long issuedBeforeUnixMs, int repliesMax, CancellationToken cancellationToken) =>
        store.CallAsync(StoreCall.ForgetReplies, () => inner.Journal.ForgetRepliesAsync(issuedBeforeUnixMs, repliesMax, cancellationToken));

    public Task<IReadOnlyList<RemovalOutcome>> RemoveEventsAsync(IReadOnlyList<EventRemoval> removals, IReadOnlyList<string> subscriptions, CancellationToken cancellationToken) =>
        store.CallAsync(StoreCall.RemoveEvents, () => inner.Journal.RemoveEventsAsync(removals, subscriptions, cancellationToken));

    public Task<IReadOnlyList<SnapshotOutcome>> SaveAsync(IReadOnlyList<SnapshotWrite> snapshots, CancellationToken cancellationToken) =>
        store.CallAsync(StoreCall.SaveSnapshots, () => inner.Snapshots.SaveAsync(snapshots, cancellationToken));

    public Task<IReadOnlyList<bool>> MoveAsync(IReadOnlyList<CursorMove> moves, CancellationToken cancellationToken) =>
        store.CallAsync(StoreCall.MoveCursors, () => inner.Cursors.MoveAsync(moves, cancellationToken));

    public Task<IReadOnlyList<Cursor>> ReadAsync(IReadOnlyList<CursorKey> keys, CancellationToken cancellationToken) =>
        store.CallAsync(StoreCall.Read, () => inner.Cursors.ReadAsync(keys, cancellationToken));

    public Task<IReadOnlyList<(ShardId Shard, Fence Fence)>> ReadFencesAsync(CancellationToken cancellationToken) =>
        store.CallAsync(StoreCall.Read, () => inner.Journal.ReadFencesAsync(cancellationToken));

    public Task<IReadOnlyList<EntityPage>> ReadEntitiesAsync(IReadOnlyList<EntityRead> reads, CancellationToken cancellationToken) =>
        store.CallAsync(StoreCall.Read, () => inner.Journal.ReadEntitiesAsync(reads, cancellationToken));

    public Task<ShardPage> ReadShardAsync(ShardId shard, long afterOffset, int eventsMax, CancellationToken cancellationToken) =>
        store.CallAsync(StoreCall.Read, () => inner.Journal.ReadShardAsync(shard, afterOffset, eventsMax, cancellationToken));

    public Task<ReplyLookUp> FindReplyAsync(EntityId entity, CommandId command, CancellationToken cancellationToken) =>
        store.CallAsync(StoreCall.Read, () => inner.Journal.FindReplyAsync(entity, command, cancellationToken));

    public Task<IReadOnlyList<TimerRecord>> ReadTimersAsync(
        ShardId shard, TimerPosition? after, int timersMax, CancellationToken cancellationToken) =>
        store.CallAsync(StoreCall.Read, () => inner.Journal.ReadTimersAsync(shard, after, timersMax, cancellationToken));

    public Task<ReadOnlyMemory<byte>?> ReadAttachmentAsync(EntityId entity, string name, CancellationToken cancellationToken) =>
        store.CallAsync(StoreCall.Read, () => inner.Journal.ReadAttachmentAsync(entity, name, cancellationToken));

    public Task<IReadOnlyList<string>> ListEntityTypesAsync(CancellationToken cancellationToken) =>
        store.CallAsync(StoreCall.Read, () => inner.Journal.ListEntityTypesAsync(cancellationToken));

    public Task<IReadOnlyList<string>> ListEntitiesAsync(string type, string? afterKey, int keysMax, CancellationToken cancellationToken) =>
        store.CallAsync(StoreCall.Read, () => inner.Journal.ListEntitiesAsync(type, afterKey, keysMax, cancellationToken));

    private static AppendOutcome[] OutcomesOf(IReadOnlyList<ShardAppend> appends, AppendStatus status) =>
        [.. appends.Select(append => new AppendOutcome(append.Shard, status, Error: FaultyStore.Fault($"The append ended as {status} by script.")))];

    /// <summary>The writer may use his memory again once he has his answer, which here comes before the commit.</summary>
    internal static ShardAppend Copy(ShardAppend append) => append with
    {
        Events = [.. append.Events.Select(static e => e with { Payload = e.Payload.ToArray() })],
        Replies = [.. append.Replies.Select(static reply => reply with { Payload = reply.Payload.ToArray() })],
        Timers = [.. append.Timers.Select(static c => c with { Timer = c.Timer is { } t ? t with { Payload = t.Payload.ToArray() } : null })],
        Attachments = [.. append.Attachments.Select(static c => c.Payload is { } p ? c with { Payload = p.ToArray() } : c)],
    };
}
