namespace ActorGrid.Persistence;

/// <summary>Asks for events of an entity to be removed that its snapshot has made superfluous.</summary>
/// <param name="Shard">The shard of the entity.</param>
/// <param name="Fence">The writer's fence.</param>
/// <param name="Entity">The entity.</param>
/// <param name="SnapshotSequence">The sequence number of the event that the stored snapshot rests on, from 1. That event stays, and so do all after it.</param>
/// <param name="BeforeUnixMs">Only events that were decided before this time.</param>
/// <param name="EventsMax">At most so many events in this call, from 1.</param>
public sealed record EventRemoval(ShardId Shard, Fence Fence, EntityId Entity, long SnapshotSequence, long BeforeUnixMs, int EventsMax);

/// <summary>What became of an <see cref="EventRemoval"/>.</summary>
public enum RemovalStatus
{
    /// <summary>What may go is gone; it may be nothing.</summary>
    Removed,

    /// <summary>The shard has another fence; nothing was removed.</summary>
    Fenced,

    /// <summary>The stored snapshot is another one, or there is none; nothing was removed.</summary>
    NoSuchSnapshot,
}

/// <summary>How an <see cref="EventRemoval"/> ended.</summary>
/// <param name="Status">How.</param>
/// <param name="Count">How many events were removed now.</param>
/// <param name="HasMore">Whether there are more that may go at once: the bound of the call was reached.</param>
public readonly record struct RemovalOutcome(RemovalStatus Status, int Count = 0, bool HasMore = false);
