using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>An entity in the memory of its shard. Touched by the shard alone, on its turn.</summary>
internal abstract class EntitySlot(EntityId id, EntityType type)
{
    public EntityId Id { get; } = id;

    public EntityType Type { get; } = type;

    public SlotPhase Phase { get; protected set; } = SlotPhase.Recovering;

    /// <summary>Encrypts what it stores; null if its type is not encrypted, or its key is not known yet, or forgotten.</summary>
    public EntityCipher? Cipher { get; protected set; }

    /// <summary>Whether the next step of its recovery is to ask for its key.</summary>
    public abstract bool WantsKey { get; }

    /// <summary>Whether that is to make a key: all of its history is read, and nothing of it is encrypted.</summary>
    public abstract bool WantsNewKey { get; }

    /// <summary>Why it is quarantined, if it is.</summary>
    public QuarantinedException? Quarantine { get; protected set; }

    /// <summary>Calls that wait for the recovery, in order.</summary>
    public Queue<IEntityCall> Waiting { get; } = new();

    /// <summary>The youngest append, not yet durable, that it has a part in.</summary>
    public PendingAppend? LastAppend { get; set; }

    /// <summary>Whether it is to be recovered though nobody asks: it stays active.</summary>
    public bool IsWanted { get; set; }

    /// <summary>Whether it is in memory for as long as its shard is here, by the options of its type.</summary>
    public bool IsPinned { get; } = type.IsPinned(id.Key);

    /// <summary>How often in a row its history could not be read.</summary>
    public int FailedReads { get; set; }

    public long LastUsedMs { get; set; }

    public EntitySlot? Older { get; set; }

    public EntitySlot? Younger { get; set; }

    /// <summary>Whether it is to stay in memory, by its newest version.</summary>
    public abstract bool IsActive { get; }

    /// <summary>Whether any of its versions is to stay in memory: so it is, if it is not known which of them is durable.</summary>
    public abstract bool MayBeActive { get; }

    public bool MayLeave => LastAppend is null && Phase is not (SlotPhase.Recovering or SlotPhase.Repairing) && !IsActive && !(IsPinned && Phase == SlotPhase.Ready);

    /// <summary>The snapshot that it has just recovered from, if events below that are there still; 0: there is none, or it cannot be relied on. Known until the next commit.</summary>
    public abstract long RecoveredFrom { get; }

    /// <summary>The event after which its history is to be read on; null: from the snapshot.</summary>
    public abstract long? ReadAfter { get; }

    /// <summary>Takes in what the key store says, as the next step of its recovery.</summary>
    public abstract void TakeKey(EntityKey key);

    /// <summary>Its key was destroyed. What it has decided is left to be settled; after that nothing of its state is here.</summary>
    public abstract void Forget();

    /// <summary>Takes in a page of its history.</summary>
    public abstract void Recover(EntityPage page);

    /// <summary>Takes in the durable state that the last owner of the shard had.</summary>
    /// <exception cref="CodecException">It cannot be read here.</exception>
    public abstract void Recover(HandedEntity state);

    /// <summary>Its durable state, to be encoded for the next owner; null if it was never written.</summary>
    public abstract StateToHand? Export();

    /// <summary>Decides a call and writes the rows into the append. On an exception nothing has changed.</summary>
    public abstract Decided Decide(IEntityCall call, CommandContext at, PendingAppend append);

    /// <summary>Records that a call has failed, which changes nothing of the entity, and holds that.</summary>
    public abstract ReplyRecord RecordFailure(IEntityCall call, CommandFailedException failure, PendingAppend append);

    /// <summary>Records that a call was rejected, which changes nothing of the entity, and holds that.</summary>
    public abstract ReplyRecord RecordRejection(IEntityCall call, string reason, PendingAppend append);

    /// <summary>It is quarantined, and a repair is tried or written: until that has ended, calls wait.</summary>
    public abstract void BeginRepair();

    /// <summary>It stays quarantined.</summary>
    public abstract void EndRepair();

    /// <summary>Writes a repair that was tried, and holds the reply. On an exception nothing has changed.</summary>
    public abstract ReplyRecord Repair(IEntityCall call, Repair repair, long last, long nowMs, PendingAppend append);

    /// <summary>Holds the reply that was recorded for the id of a call.</summary>
    /// <exception cref="InvalidCommandIdException">It was recorded for another command.</exception>
    public abstract void HoldRecorded(IEntityCall call, ReplyRecord reply);

    /// <summary>Whether this timer is set as it says, in the newest version.</summary>
    public abstract bool HasTimer(TimerRecord timer);

    /// <summary>The newest version goes in flight.</summary>
    public abstract void Seal();

    /// <summary>The version in flight is durable.</summary>
    /// <returns>A snapshot to save, if it is time for one: of the state of this slot, so what it rests on can be relied on for as long as the slot is here.</returns>
    public abstract SnapshotWork? Commit(Epoch epoch);

    /// <summary>Back to the durable version.</summary>
    public abstract void RollBack();

    /// <summary>Calls the hook with the durable state, if that has changed since the last call.</summary>
    public abstract void NotifyDurable();
}

internal enum SlotPhase
{
    Recovering,
    Ready,
    Quarantined,

    /// <summary>Its key was destroyed.</summary>
    Forgotten,

    /// <summary>Quarantined, and a repair is tried or written.</summary>
    Repairing,
}

/// <summary>How a decision ended.</summary>
/// <param name="HasRows">Whether something is to be persisted.</param>
/// <param name="Recorded">The reply that is recorded with it, if one is.</param>
internal readonly record struct Decided(bool HasRows, ReplyRecord? Recorded);

/// <summary>A durable state on its way out.</summary>
internal readonly record struct StateToHand(SnapshotWork State, long SnapshotSequence);

/// <summary>A snapshot to encode and save, away from the shard's turn.</summary>
internal abstract class SnapshotWork(EntityId entity)
{
    public EntityId Entity { get; } = entity;

    public abstract SnapshotRecord Encode();

    /// <summary>Reads what was encoded, and compares it with the state that it was made of.</summary>
    /// <returns>Null if they are the same, else how they differ.</returns>
    /// <exception cref="Exception">Whatever the codec of the state throws.</exception>
    public abstract string? DifferenceFrom(SnapshotRecord encoded);
}
