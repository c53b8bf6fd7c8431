using System.Buffers;

namespace ActorGrid.Persistence;

/// <summary>Works out the states of one entity from its history, apart from any grid: nothing is owned and nothing is written. Not safe to use from several threads.</summary>
internal abstract class EntityFold
{
    /// <summary>The sequence number of the event that the state rests on; 0 before the first.</summary>
    public abstract long Sequence { get; }

    /// <summary>When that event was decided.</summary>
    public abstract long AtUnixMs { get; }

    /// <summary>The state after that event.</summary>
    public abstract object State { get; }

    /// <summary>Goes on from a snapshot.</summary>
    /// <exception cref="Exception">Whatever the codec of the state throws.</exception>
    public abstract void Restore(SnapshotRecord snapshot);

    /// <summary>Begins before the first event again.</summary>
    public abstract void Reset();

    /// <summary>Takes the next event.</summary>
    /// <exception cref="RepairMetException">It is a repair.</exception>
    /// <exception cref="Exception">Whatever a codec or <c>Apply</c> throws; or the event is not the next, or not known.</exception>
    public abstract void Take(JournalEvent e);

    /// <summary>Takes the next event, or what a repair puts in its place.</summary>
    /// <exception cref="Exception">Whatever a codec or <c>Apply</c> throws; or the event is not the next, or not known.</exception>
    public abstract void Take(JournalEvent e, RepairBook repairs);

    /// <summary>Reads an event, or what a repair puts in its place, and applies it as well if the state before it is known. What goes wrong is told, not thrown, and leaves the state as it was.</summary>
    public abstract FoldFailure? TryTake(JournalEvent e, bool applies, RepairBook repairs);

    /// <summary>Reads a repair, and changes nothing.</summary>
    /// <exception cref="ActorGrid.Actors.CodecException">It cannot be read.</exception>
    public abstract Repair ReadRepair(JournalEvent e);

    /// <summary>The state as its codec writes it.</summary>
    /// <exception cref="Exception">Whatever the codec of the state throws.</exception>
    public abstract ReadOnlyMemory<byte> EncodeState();

    /// <summary>Compares the state and the timers with what a snapshot says of them. Neither changes.</summary>
    /// <returns>Null if they are the same, else how they differ.</returns>
    /// <exception cref="Exception">Whatever the codec of the state throws.</exception>
    public abstract string? DifferenceFrom(SnapshotRecord snapshot);
}

/// <summary>Why an event could not be taken.</summary>
/// <param name="IsRead">Whether it could be read at least, so that <c>Apply</c> is what failed.</param>
/// <param name="Cause">What was thrown.</param>
internal sealed record FoldFailure(bool IsRead, Exception Cause);

/// <summary>The fold of an entity whose type is known.</summary>
internal sealed class EntityFold<TSelf, TState, TEvent>(EntityType<TSelf, TState, TEvent> type, EntityCipher? cipher) : EntityFold
    where TSelf : Entity<TSelf, TState, TEvent>
    where TState : notnull
    where TEvent : class
{
    private EntityVersion<TState> _version = new(type.Entity.Initial, TimerSet.Empty, 0, 0);

    public EntityVersion<TState> Version => _version;

    public override long Sequence => _version.Sequence;

    public override long AtUnixMs => _version.AtUnixMs;

    public override object State => _version.State;

    public override void Restore(SnapshotRecord snapshot)
    {
        var (state, timers) = SnapshotPayload.Decode(type.Decrypt(snapshot, cipher).Span, type.StateCodec);
        _version = new EntityVersion<TState>(state, timers, snapshot.Sequence, snapshot.AtUnixMs);
    }

    public override ReadOnlyMemory<byte> EncodeState()
    {
        var output = new ArrayBufferWriter<byte>();
        type.StateCodec.Encode(_version.State, output);
        return output.WrittenMemory;
    }

    public override Repair ReadRepair(JournalEvent e) => type.ReadRepair(e, cipher);

    public override void Reset() => _version = new EntityVersion<TState>(type.Entity.Initial, TimerSet.Empty, 0, 0);

    public override void Take(JournalEvent e) => _version = type.After(_version, e, cipher);

    public override void Take(JournalEvent e, RepairBook repairs) => _version = type.After(_version, e, repairs, cipher);

    public override FoldFailure? TryTake(JournalEvent e, bool applies, RepairBook repairs)
    {
        if (repairs.Find(e.Sequence) is { } step)
        {
            if (step.Kind == RepairKind.Skip)
            {
                if (applies) Take(e, repairs);
                return null;
            }
            e = e with { Manifest = step.Name!, Payload = step.Payload };
            return TryTake(e, applies);
        }
        if (RepairEvents.Is(e)) return TryTakeRepair(e, applies, repairs);
        try
        {
            e = type.Decrypt(e, cipher);
        }
        catch (Exception cause)
        {
            return new FoldFailure(IsRead: false, cause);
        }
        return TryTake(e, applies);
    }

    /// <summary>Takes one that is in clear.</summary>
    private FoldFailure? TryTake(JournalEvent e, bool applies)
    {
        TEvent? decoded;
        try
        {
            decoded = type.Decode(e);
        }
        catch (Exception cause)
        {
            return new FoldFailure(IsRead: false, cause);
        }
        if (!applies) return null;
        try
        {
            _version = type.After(_version, e, decoded);
            return null;
        }
        catch (Exception cause)
        {
            // Reading an event of ActorGrid's own is part of applying it.
            return new FoldFailure(IsRead: decoded is not null, cause);
        }
    }

    private FoldFailure? TryTakeRepair(JournalEvent e, bool applies, RepairBook repairs)
    {
        try
        {
            if (applies) _version = type.After(_version, e, repairs, cipher);
            else ReadRepair(e);
            return null;
        }
        catch (Exception cause)
        {
            return new FoldFailure(IsRead: false, cause);
        }
    }

    public override string? DifferenceFrom(SnapshotRecord snapshot)
    {
        var (stored, timers) = SnapshotPayload.Decode(type.Decrypt(snapshot, cipher).Span, type.StateCodec);
        try
        {
            return StateComparison.Difference(_version.State, stored, type.StateCodec) ?? StateComparison.Difference(_version.Timers, timers);
        }
        catch (Exception e)
        {
            // It has just read the one, so it is the other, or their equality.
            return $"the state that the events add up to cannot be compared: {e.Message}";
        }
    }
}
