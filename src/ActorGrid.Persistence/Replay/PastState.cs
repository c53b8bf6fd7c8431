namespace ActorGrid.Persistence;

/// <summary>The state of an entity after one of its events. Immutable, as states are.</summary>
/// <param name="Entity">The entity.</param>
/// <param name="Sequence">The sequence number of the event; 0: before the first.</param>
/// <param name="At">When that event was decided, by the clock of the node that did; null before the first.</param>
/// <param name="State">The state.</param>
/// <typeparam name="TState">The state of the entity.</typeparam>
public sealed record PastState<TState>(EntityId Entity, long Sequence, DateTimeOffset? At, TState State)
    where TState : notnull;

/// <summary>A state is asked for that the journal does not tell: that after an event that there is not, or not yet.</summary>
/// <param name="entity">The entity.</param>
/// <param name="message">What there is.</param>
public sealed class HistoryUnavailableException(EntityId entity, string message) : EntityException(entity, message);
