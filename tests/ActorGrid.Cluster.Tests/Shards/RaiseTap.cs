using ActorGrid.Persistence;

namespace ActorGrid.Cluster.Tests;

/// <summary>Counts what is asked of a store, and breaks its contract if told to.</summary>
internal sealed class RaiseTap(IGridStore inner) : IGridStore, IEventJournal
{
    /// <summary>How many shards each raise was for.</summary>
    public List<int> Raises { get; } = [];

    public int HistoryReads { get; private set; }

    /// <summary>Answers appends in a way that no store may: the shard takes it for a defect.</summary>
    public bool IsBroken { get; set; }

    /// <summary>Leaves the first outcome of the next raise out.</summary>
    public bool LeavesOut { get; set; }

    public IEventJournal Journal => this;

    public ISnapshotStore Snapshots => inner.Snapshots;

    public ICursorStore Cursors => inner.Cursors;

    public IGridArchive Archive => inner.Archive;

    public Task OpenAsync(GridIdentity identity, CancellationToken cancellationToken) => inner.OpenAsync(identity, cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    public Task<IReadOnlyList<(ShardId Shard, Fence Fence)>> ReadFencesAsync(CancellationToken cancellationToken) => inner.Journal.ReadFencesAsync(cancellationToken);

    public async Task<IReadOnlyList<FenceOutcome>> RaiseFencesAsync(IReadOnlyList<FenceRaise> raises, CancellationToken cancellationToken)
    {
        Raises.Add(raises.Count);
        var outcomes = await inner.Journal.RaiseFencesAsync(raises, cancellationToken);
        if (LeavesOut)
        {
            LeavesOut = false;
            return [.. outcomes.Skip(1)];
        }
        return IsBroken ? [.. outcomes.Select(o => o with { LastOffset = 1000 })] : outcomes;
    }

    public Task<IReadOnlyList<AppendOutcome>> AppendAsync(IReadOnlyList<ShardAppend> appends, CancellationToken cancellationToken) => IsBroken
        ? throw new InvalidOperationException("Broken.")
        : inner.Journal.AppendAsync(appends, cancellationToken);

    public Task<IReadOnlyList<EntityPage>> ReadEntitiesAsync(IReadOnlyList<EntityRead> reads, CancellationToken cancellationToken)
    {
        HistoryReads++;
        return inner.Journal.ReadEntitiesAsync(reads, cancellationToken);
    }

    public Task<IReadOnlyList<RemovalOutcome>> RemoveEventsAsync(IReadOnlyList<EventRemoval> removals, IReadOnlyList<string> subscriptions, CancellationToken cancellationToken) =>
        inner.Journal.RemoveEventsAsync(removals, subscriptions, cancellationToken);

    public Task<ShardPage> ReadShardAsync(ShardId shard, long afterOffset, int eventsMax, CancellationToken cancellationToken) =>
        inner.Journal.ReadShardAsync(shard, afterOffset, eventsMax, cancellationToken);

    public Task<ReplyLookUp> FindReplyAsync(EntityId entity, CommandId command, CancellationToken cancellationToken) =>
        inner.Journal.FindReplyAsync(entity, command, cancellationToken);

    public Task<int> ForgetRepliesAsync(long issuedBeforeUnixMs, int repliesMax, CancellationToken cancellationToken) =>
        inner.Journal.ForgetRepliesAsync(issuedBeforeUnixMs, repliesMax, cancellationToken);

    public Task<IReadOnlyList<TimerRecord>> ReadTimersAsync(ShardId shard, TimerPosition? after, int timersMax, CancellationToken cancellationToken) =>
        inner.Journal.ReadTimersAsync(shard, after, timersMax, cancellationToken);

    public Task<ReadOnlyMemory<byte>?> ReadAttachmentAsync(EntityId entity, string name, CancellationToken cancellationToken) =>
        inner.Journal.ReadAttachmentAsync(entity, name, cancellationToken);

    public Task<IReadOnlyList<string>> ListEntityTypesAsync(CancellationToken cancellationToken) => inner.Journal.ListEntityTypesAsync(cancellationToken);

    public Task<IReadOnlyList<string>> ListEntitiesAsync(string type, string? afterKey, int keysMax, CancellationToken cancellationToken) =>
        inner.Journal.ListEntitiesAsync(type, afterKey, keysMax, cancellationToken);
}
