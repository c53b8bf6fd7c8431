namespace ActorGrid.Persistence;

/// <summary>What a preflight may find.</summary>
public enum PreflightFindingKind
{
    /// <summary>Events that cannot be read: no event type has their name and version, or the codec or an upcaster throws. Counted by event.</summary>
    UnreadableEvent,

    /// <summary>Events on which <c>Apply</c> throws. Counted by entity: what follows such an event cannot be applied either, up to a snapshot.</summary>
    UnappliableEvent,

    /// <summary>Histories that the store cannot give: it finds them damaged, or events are missing. Counted by read that failed; what can be read is tried all the same, from the snapshot
    /// on if that stands above it.</summary>
    BrokenHistory,

    /// <summary>Snapshots that cannot be read. Counted by entity.</summary>
    UnreadableSnapshot,

    /// <summary>Snapshots whose state or timers are others than the events up to them add up to. Counted by entity.</summary>
    DifferentState,

    /// <summary>Timers that are set with a command that cannot be read: no handler has its name, or the codec throws. They would not fire. Counted by timer.</summary>
    UnreadableReminder,
}

/// <summary>What was found of one kind, for one event of an entity type.</summary>
/// <param name="Kind">What is wrong.</param>
/// <param name="Manifest">The stored name of the event, with its version, or of the command of a reminder; null for what concerns snapshots or broken histories.</param>
/// <param name="Count">How often.</param>
/// <param name="QuarantineCount">How often in a place that recovery comes by, so that the entity would be quarantined, or not be read at all; otherwise a snapshot stands above it, or it is a reminder.</param>
/// <param name="Examples">The first ones, those that quarantine before the others.</param>
public sealed record PreflightFinding(PreflightFindingKind Kind, string? Manifest, long Count, long QuarantineCount, IReadOnlyList<PreflightExample> Examples);

/// <summary>An example of a finding.</summary>
/// <param name="Entity">The entity.</param>
/// <param name="Sequence">The sequence number of the event, or of the event that the snapshot rests on, or that set the timer; for a broken history the first event of the read that failed.</param>
/// <param name="Cause">What was thrown, or how the states or the timers differ; that quotes what is stored.</param>
/// <param name="Quarantines">Whether the entity would be quarantined for it.</param>
public sealed record PreflightExample(EntityId Entity, long Sequence, string Cause, bool Quarantines);
