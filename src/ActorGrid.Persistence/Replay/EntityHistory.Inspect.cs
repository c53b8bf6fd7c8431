using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <content>What is wrong with it, if anything is.</content>
public sealed partial class EntityHistory
{
    private const int NeighboursMax = 2;

    /// <summary>Says whether the entity recovers, by the code of this type and with the repairs that are recorded; if not, which event or snapshot is at fault, and what is stored there.</summary>
    /// <remarks>It reads all events after the snapshot, some twice. In memory at a time are one state and some 1,000 events.</remarks>
    /// <param name="cancellationToken">Ends it between two reads.</param>
    /// <exception cref="EntityForgottenException">The key of the entity was destroyed. What its key store throws is thrown as it is.</exception>
    /// <exception cref="StoreException">The store could not be read, or the history has a gap.</exception>
    public async Task<EntityInspection> InspectAsync(CancellationToken cancellationToken = default)
    {
        var cipher = await _type.FindCipherAsync(Entity, cancellationToken);
        var recovery = await _journal.RunAsync(Entity, new RepairedRecovery(_type.NewFold(cipher)), EventsPerRead, onEvent: null, cancellationToken);
        var snapshot = recovery.Snapshot is { } record
            ? new StoredSnapshot(record.Sequence, DateTimeOffset.FromUnixTimeMilliseconds(record.AtUnixMs), InClear<ReadOnlyMemory<byte>?>(() => _type.Decrypt(record, cipher)) ?? record.Payload)
            : null;
        if (recovery.Fault is not { } fault) return new EntityInspection(Entity, recovery.Last, snapshot, null, recovery.Book.Recorded) { RemovedTo = recovery.RemovedTo };
        long first = Math.Max(0, fault.Sequence - 1 - NeighboursMax);
        var page = (await _journal.ReadCheckedAsync([new EntityRead(Entity, first, (NeighboursMax * 2) + 1)], cancellationToken))[0];
        return new EntityInspection(Entity, recovery.Last, snapshot, new InspectedFault(fault.Sequence, fault.IsSnapshot, fault.Cause.Message, [.. page.Events.Select(e => InClear(() => _type.Decrypt(e.Event, cipher)) ?? e.Event)]), recovery.Book.Recorded) { RemovedTo = recovery.RemovedTo };
    }

    /// <summary>What its key reads; null: it does not, so it is shown as it is stored.</summary>
    private static T? InClear<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (CodecException)
        {
            return default;
        }
    }
}

/// <summary>What an inspection of an entity has found. Immutable.</summary>
/// <param name="Entity">The entity.</param>
/// <param name="LastSequence">The number of its last event; 0: it has none.</param>
/// <param name="Snapshot">Its latest snapshot, if it has one.</param>
/// <param name="Fault">What quarantines it; null: it recovers.</param>
/// <param name="Repairs">The repairs recorded after the snapshot, the first ones first.</param>
public sealed record EntityInspection(EntityId Entity, long LastSequence, StoredSnapshot? Snapshot, InspectedFault? Fault, IReadOnlyList<RecordedRepair> Repairs)
{
    /// <summary>The number of the last event that was removed, below the snapshot; 0: none was.</summary>
    public long RemovedTo { get; init; }
}

/// <summary>What quarantines an entity.</summary>
/// <param name="Sequence">The number of the event at fault, or of the one that the snapshot at fault rests on.</param>
/// <param name="IsSnapshot">Whether it is the snapshot.</param>
/// <param name="Cause">What was thrown.</param>
/// <param name="Events">The event of that number as it is stored, in clear where its key reads it, between up to two events on each side.</param>
public sealed record InspectedFault(long Sequence, bool IsSnapshot, string Cause, IReadOnlyList<JournalEvent> Events);

/// <summary>A snapshot as it is stored, in clear where its key reads it.</summary>
/// <param name="Sequence">The number of the event that it rests on.</param>
/// <param name="At">When that event was decided.</param>
/// <param name="Payload">The state, encoded, behind a line of JSON with the timers.</param>
public sealed record StoredSnapshot(long Sequence, DateTimeOffset At, ReadOnlyMemory<byte> Payload);
