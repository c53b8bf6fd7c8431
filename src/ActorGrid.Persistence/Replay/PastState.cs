namespace ActorGrid.Persistence;

/// <summary>The state of an entity after one of its events. Immutable, as states are.</summary>
/// <param name="Entity">The entity.</param>
/// <param name="Sequence">The sequence number of the event; 0: before the first.</param>
/// <param name="At">When that event was decided, by the clock of the node that did; null before the first.</param>
/// <param name="State">The state.</param>
/// <typeparam name="TState">The state of the entity.</typeparam>
public sealed record PastState<TState>(EntityId Entity, long Sequence, DateTimeOffset? At, TState State)
    where TState : notnull;

/// <summary>What is asked for rests on events that were removed, since a snapshot stands above them (<see cref="EntityOptions.RemoveEventsAfter"/>).</summary>
/// <param name="entity">The entity.</param>
/// <param name="removedTo">The number of the last event that was removed.</param>
/// <param name="earliestSequence">The number of the event that the snapshot rests on.</param>
public sealed class EventsRemovedException(EntityId entity, long removedTo, long earliestSequence) : EntityException(
    entity, FormattableString.Invariant($"The events of {entity} up to event {removedTo} were removed: the earliest state that can be told is the one after event {earliestSequence}, which its snapshot holds."))
{
    /// <summary>The number of the last event that was removed.</summary>
    public long RemovedTo { get; } = removedTo;

    /// <summary>The number of the event after which the earliest state is that can be told.</summary>
    public long EarliestSequence { get; } = earliestSequence;
}

/// <summary>A state is asked for that the journal does not tell: that after an event that there is not, or not yet.</summary>
/// <param name="entity">The entity.</param>
/// <param name="message">What there is.</param>
public sealed class HistoryUnavailableException(EntityId entity, string message) : EntityException(entity, message);
