namespace ActorGrid.Persistence;

/// <summary>How events are removed that a snapshot has made superfluous.</summary>
internal sealed partial class InMemoryJournal
{
    public Task<IReadOnlyList<RemovalOutcome>> RemoveEventsAsync(IReadOnlyList<EventRemoval> removals, IReadOnlyList<string> subscriptions, CancellationToken cancellationToken) =>
        Locked<IReadOnlyList<RemovalOutcome>>(grid =>
        {
            JournalArguments.Check(removals, subscriptions, grid);
            return [.. removals.Select(removal => Remove(removal, subscriptions))];
        }, cancellationToken);

    private RemovalOutcome Remove(EventRemoval removal, IReadOnlyList<string> subscriptions)
    {
        if (!_shards.TryGetValue(removal.Shard, out var shard) || shard.Fence != removal.Fence) return new RemovalOutcome(RemovalStatus.Fenced);
        if (!_entities.TryGetValue(removal.Entity, out var entity) || entity.Snapshot?.Sequence != removal.SnapshotSequence) return new RemovalOutcome(RemovalStatus.NoSuchSnapshot);
        long doneWith = DoneWith(removal.Shard, subscriptions);
        int count = 0;
        while (count < removal.EventsMax && MayGo(entity.RemovedTo + count + 1)) count++;
        bool hasMore = count == removal.EventsMax && MayGo(entity.RemovedTo + count + 1);
        shard.Events.Remove(entity.Page(0, count));
        entity.RemoveFirst(count);
        return new RemovalOutcome(RemovalStatus.Removed, count, hasMore);

        bool MayGo(long sequence) =>
            sequence < removal.SnapshotSequence && entity.Find(sequence) is { } e && e.Event.AtUnixMs < removal.BeforeUnixMs && e.Offset <= doneWith && e.Offset < shard.LastOffset && shard.Events.Holds(e);
    }

    /// <summary>The offset up to which nobody needs the events of a shard any more.</summary>
    private long DoneWith(ShardId shard, IReadOnlyList<string> subscriptions)
    {
        if (subscriptions.Any(name => !_cursors.ContainsKey(new CursorKey(name, shard)))) return 0;
        return _cursors.Where(cursor => cursor.Key.Shard == shard).Select(static cursor => cursor.Value.Offset).DefaultIfEmpty(long.MaxValue).Min();
    }
}
