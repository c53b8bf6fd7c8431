namespace ActorGrid.Persistence;

/// <summary>A page of the events of a shard.</summary>
/// <param name="Events">The events, in the order of their offsets. Those up to <paramref name="RemovedTo"/> may have gaps, where events were removed on purpose; those after it have none.</param>
/// <param name="RemovedTo">The greatest offset of all events that were ever removed from the shard (<see cref="IEventJournal.RemoveEventsAsync"/>); 0: none were.</param>
public sealed record ShardPage(IReadOnlyList<StoredEvent> Events, long RemovedTo);
