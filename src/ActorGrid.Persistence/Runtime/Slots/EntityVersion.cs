namespace ActorGrid.Persistence;

/// <summary>An entity after one of its events. The runtime keeps three of each entity: durable, in flight, tentative.</summary>
/// <param name="State">The state.</param>
/// <param name="Timers">The timers that are set.</param>
/// <param name="Sequence">The sequence number of the event, 0 before the first.</param>
/// <param name="AtUnixMs">When that event was decided.</param>
internal readonly record struct EntityVersion<TState>(TState State, TimerSet Timers, long Sequence, long AtUnixMs);
