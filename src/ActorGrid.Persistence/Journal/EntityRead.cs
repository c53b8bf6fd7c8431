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
/// <param name="Events">The events, in the order of their sequence numbers, without gaps.</param>
/// <param name="HasMore">Whether there are events after the last one here.</param>
public sealed record EntityPage(EntityId Entity, SnapshotRecord? Snapshot, IReadOnlyList<StoredEvent> Events, bool HasMore);
