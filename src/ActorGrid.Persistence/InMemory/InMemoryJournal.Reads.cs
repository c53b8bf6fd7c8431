namespace ActorGrid.Persistence;

internal sealed partial class InMemoryJournal
{
    public Task<IReadOnlyList<EntityPage>> ReadEntitiesAsync(IReadOnlyList<EntityRead> reads, CancellationToken cancellationToken) =>
        Locked<IReadOnlyList<EntityPage>>(_ =>
        {
            JournalArguments.Check(reads);
            return [.. reads.Select(Read)];
        }, cancellationToken);

    public Task<ShardPage> ReadShardAsync(ShardId shard, long afterOffset, int eventsMax, CancellationToken cancellationToken) =>
        Locked(grid =>
        {
            JournalArguments.Check(shard, grid);
            JournalArguments.CheckPage(afterOffset, eventsMax);
            return _shards.TryGetValue(shard, out var row) ? new ShardPage(Copy(row.Events.Page(afterOffset, eventsMax)), row.Events.RemovedTo) : new ShardPage([], 0);
        }, cancellationToken);

    public Task<ReplyLookUp> FindReplyAsync(EntityId entity, CommandId command, CancellationToken cancellationToken) =>
        Locked(
            _ => new ReplyLookUp(
                _entities.TryGetValue(entity, out var stored) && stored.Replies.TryGetValue(command, out var reply)
                    ? reply with { Payload = Copy(reply.Payload) }
                    : null,
                _forgottenBeforeUnixMs),
            cancellationToken);

    public Task<IReadOnlyList<TimerRecord>> ReadTimersAsync(
        ShardId shard, TimerPosition? after, int timersMax, CancellationToken cancellationToken) =>
        Locked<IReadOnlyList<TimerRecord>>(grid =>
        {
            JournalArguments.Check(shard, grid);
            JournalArguments.CheckPage(0, timersMax);
            if (!_shards.TryGetValue(shard, out var row)) return [];
            var later = after is { } position ? row.Timers.Where(timer => timer.Key.CompareTo(position) > 0) : row.Timers;
            return [.. later.Take(timersMax).Select(static timer => timer.Value with { Payload = Copy(timer.Value.Payload) })];
        }, cancellationToken);

    public Task<ReadOnlyMemory<byte>?> ReadAttachmentAsync(EntityId entity, string name, CancellationToken cancellationToken) =>
        Locked<ReadOnlyMemory<byte>?>(
            // The cast matters: a bare null would become an empty memory, by way of an array.
            _ => _entities.TryGetValue(entity, out var stored) && stored.Attachments.TryGetValue(name, out var payload)
                ? Copy(payload)
                : (ReadOnlyMemory<byte>?)null,
            cancellationToken);

    public Task<IReadOnlyList<string>> ListEntityTypesAsync(CancellationToken cancellationToken) =>
        Locked<IReadOnlyList<string>>(_ => [.. _keysByType.Keys.Order(Utf8Order.Instance)], cancellationToken);

    public Task<IReadOnlyList<string>> ListEntitiesAsync(string type, string? afterKey, int keysMax, CancellationToken cancellationToken) =>
        Locked<IReadOnlyList<string>>(_ =>
        {
            JournalArguments.CheckPage(0, keysMax);
            if (!_keysByType.TryGetValue(type, out var keys)) return [];
            if (afterKey is null) return [.. keys.Take(keysMax)];
            if (Utf8Order.Instance.Compare(afterKey, keys.Max) >= 0) return [];
            bool isKey = keys.Contains(afterKey);
            return [.. keys.GetViewBetween(afterKey, keys.Max).Skip(isKey ? 1 : 0).Take(keysMax)];
        }, cancellationToken);

    private EntityPage Read(EntityRead read)
    {
        if (!_entities.TryGetValue(read.Entity, out var entity)) return new EntityPage(read.Entity, null, [], HasMore: false);
        var snapshot = read.AfterSequence is null ? entity.Snapshot : null;
        long after = read.AfterSequence ?? snapshot?.Sequence ?? 0;
        var page = Copy(entity.Page(after, read.EventsMax));
        bool hasMore = (page.Count > 0 ? page[^1].Event.Sequence : Math.Max(after, entity.RemovedTo)) < entity.LastSequence;
        return new EntityPage(read.Entity, snapshot is null ? null : snapshot with { Payload = Copy(snapshot.Payload) }, page, hasMore, entity.RemovedTo);
    }

    private static List<StoredEvent> Copy(List<StoredEvent> events) => events.ConvertAll(static e => e with { Event = e.Event with { Payload = Copy(e.Event.Payload) } });
}
