namespace ActorGrid.Persistence;

/// <summary>Keeps the latest snapshot of each entity. Reading is the journal's (<see cref="IEventJournal.ReadEntitiesAsync"/>), in one
/// round trip with the events.</summary>
/// <remarks>Safe to use from any thread.</remarks>
public interface ISnapshotStore
{
    /// <summary>
    /// Saves snapshots in one commit. Each is saved only if its shard's row holds the writer's fence and the event that it rests on is in
    /// the
    /// journal with that sequence number and epoch; one that is not newer than the stored one is left out, which counts as saved.
    /// </summary>
    /// <returns>An outcome for each, in the order of <paramref name="snapshots"/>.</returns>
    /// <exception cref="StoreException">The store could not be written; trying again is harmless.</exception>
    Task<IReadOnlyList<SnapshotOutcome>> SaveAsync(IReadOnlyList<SnapshotWrite> snapshots, CancellationToken cancellationToken);
}

/// <summary>A snapshot: the durable state of an entity after one of its events.</summary>
/// <param name="Entity">The entity.</param>
/// <param name="Sequence">The sequence number of the event that it rests on, from 1.</param>
/// <param name="Epoch">The epoch of that event.</param>
/// <param name="AtUnixMs">When that event was decided.</param>
/// <param name="Payload">The encoded state, at most <see cref="JournalLimits.PayloadBytesMax"/>.</param>
public sealed record SnapshotRecord(EntityId Entity, long Sequence, Epoch Epoch, long AtUnixMs, ReadOnlyMemory<byte> Payload);

/// <summary>Asks for a snapshot to be saved.</summary>
/// <param name="Shard">The shard of the entity.</param>
/// <param name="Fence">The writer's fence.</param>
/// <param name="Snapshot">The snapshot.</param>
public sealed record SnapshotWrite(ShardId Shard, Fence Fence, SnapshotRecord Snapshot);

/// <summary>What became of a snapshot.</summary>
public enum SnapshotOutcome
{
    /// <summary>It, or a newer one, is stored.</summary>
    Saved,

    /// <summary>The shard has another fence; nothing was written.</summary>
    Fenced,

    /// <summary>The journal does not hold the event that the snapshot names; nothing was written.</summary>
    NoSuchEvent,
}
