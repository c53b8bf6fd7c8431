namespace ActorGrid.Persistence;

/// <summary>Asks for a page of an entity's history.</summary>
/// <param name="Entity">The entity.</param>
/// <param name="AfterSequence">Events after this sequence number and no snapshot; null: the latest snapshot, if there is one, and the
/// events after it.</param>
/// <param name="EventsMax">At most so many events, from 1.</param>
public readonly record struct EntityRead(EntityId Entity, long? AfterSequence, int EventsMax);

/// <summary>A page of an entity's history.</summary>
/// <param name="Entity">The entity.</param>
/// <param name="Snapshot">The latest snapshot, if it was asked for and there is one.</param>
/// <param name="Events">The events, in the order of their sequence numbers, without gaps: the first is the next after the one that was asked for, or after <paramref name="RemovedTo"/> if that is greater.</param>
/// <param name="HasMore">Whether there are events after the last one here.</param>
/// <param name="RemovedTo">The last sequence number that was removed (<see cref="IEventJournal.RemoveEventsAsync"/>), below that of the snapshot; 0: none was.</param>
public sealed record EntityPage(EntityId Entity, SnapshotRecord? Snapshot, IReadOnlyList<StoredEvent> Events, bool HasMore, long RemovedTo = 0)
{
    /// <summary>The number of the last event here; if there is none, the number after which the page begins.</summary>
    /// <param name="after">After which event it was read; with a snapshot, that of the snapshot.</param>
    internal long LastAfter(long after) => Events.Count > 0 ? Events[^1].Event.Sequence : Math.Max(after, RemovedTo);
}
