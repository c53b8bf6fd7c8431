namespace ActorGrid.Persistence;

/// <summary>What a preflight may find.</summary>
public enum PreflightFindingKind
{
    /// <summary>Events that cannot be read: no event type has their name and version, or the codec or an upcaster throws. Counted by event.</summary>
    UnreadableEvent,

    /// <summary>Events on which <c>Apply</c> throws. Counted by entity: what follows such an event cannot be applied either, up to a snapshot.</summary>
    UnappliableEvent,

    /// <summary>A history that goes on after a gap, or ends before its snapshot. Counted by gap.</summary>
    MissingEvent,

    /// <summary>Snapshots that cannot be read. Counted by entity.</summary>
    UnreadableSnapshot,

    /// <summary>Snapshots that say something else than the events up to them add up to. Counted by entity.</summary>
    DifferentState,
}

/// <summary>What was found of one kind, for one event of an entity type.</summary>
/// <param name="Kind">What is wrong.</param>
/// <param name="Manifest">The stored name of the event, with its version; null for what concerns snapshots or missing events.</param>
/// <param name="Count">How often.</param>
/// <param name="QuarantineCount">How often in a place that recovery comes by, so that the entity would be quarantined; otherwise a snapshot stands above it.</param>
/// <param name="Examples">The first ones.</param>
public sealed record PreflightFinding(PreflightFindingKind Kind, string? Manifest, long Count, long QuarantineCount, IReadOnlyList<PreflightExample> Examples);

/// <summary>An example of a finding.</summary>
/// <param name="Entity">The entity.</param>
/// <param name="Sequence">The sequence number of the event, or of the event that the snapshot rests on.</param>
/// <param name="Cause">What was thrown, or how the states differ; that quotes what is stored.</param>
/// <param name="Quarantines">Whether the entity would be quarantined for it.</param>
public sealed record PreflightExample(EntityId Entity, long Sequence, string Cause, bool Quarantines);
