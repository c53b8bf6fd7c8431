namespace ActorGrid.Persistence;

internal sealed partial class EntityType<TSelf, TState, TEvent>
{
    internal override Type StateType => typeof(TState);

    internal override Type EventType => typeof(TEvent);

    internal override object? DecodeEvent(JournalEvent e) => Decode(e);

    internal override EntityFold NewFold(EntityCipher? cipher) => new EntityFold<TSelf, TState, TEvent>(this, cipher);

    /// <summary>The entity after the next of its stored events: the one fold, for recovery and for whoever looks into the past.</summary>
    /// <exception cref="RepairMetException">The event is a repair, so the events before it are to be read with it.</exception>
    /// <exception cref="Exception">Whatever a codec or <c>Apply</c> throws; or the event is not the next, or not known.</exception>
    public EntityVersion<TState> After(EntityVersion<TState> version, JournalEvent e, EntityCipher? cipher)
    {
        CheckNext(version, e);
        e = Decrypt(e, cipher);
        return After(version, e, Decode(e));
    }

    /// <summary>The same where the repairs of the entity are known. What is skipped or replaced need not be readable.</summary>
    /// <exception cref="Exception">Whatever a codec or <c>Apply</c> throws; or the event is not the next, or not known.</exception>
    public EntityVersion<TState> After(EntityVersion<TState> version, JournalEvent e, RepairBook repairs, EntityCipher? cipher)
    {
        CheckNext(version, e);
        if (repairs.Find(e.Sequence) is { } step)
        {
            if (step.Kind == RepairKind.Skip) return Past(version, e);
            // What a repair holds was encrypted with it.
            e = e with { Manifest = step.Name!, Payload = step.Payload };
            return After(version, e, Decode(e));
        }
        if (RepairEvents.Is(e))
        {
            // One that cannot be read might be about anything.
            ReadRepair(e, cipher);
            return Past(version, e);
        }
        e = Decrypt(e, cipher);
        return After(version, e, Decode(e));
    }

    /// <summary>The event, which is in clear, as the entity knows it; null for one of ActorGrid's own.</summary>
    public TEvent? Decode(JournalEvent e)
    {
        if (e.Manifest[0] == '$') return null;
        var codec = _eventsByManifest.GetValueOrDefault(e.Manifest) ?? throw new InvalidOperationException(WhyUnknown(e.Manifest));
        return codec.Decode(e.Payload.Span);
    }

    /// <summary>The entity after an event that was decoded.</summary>
    public EntityVersion<TState> After(EntityVersion<TState> version, JournalEvent e, TEvent? decoded)
    {
        if (decoded is not null) return Past(version, e) with { State = Entity.Apply(version.State, decoded) };
        return RepairEvents.Is(e) ? throw new RepairMetException() : Past(version, e) with { Timers = TimerEvents.Apply(version.Timers, e) };
    }

    /// <summary>The entity after an event that changes nothing.</summary>
    private static EntityVersion<TState> Past(EntityVersion<TState> version, JournalEvent e) => version with { Sequence = e.Sequence, AtUnixMs = e.AtUnixMs };

    private static void CheckNext(EntityVersion<TState> version, JournalEvent e)
    {
        if (e.Sequence == version.Sequence + 1) return;
        throw new InvalidOperationException($"event {e.Sequence} follows event {version.Sequence}: the journal has a gap.");
    }

    private string WhyUnknown(string manifest)
    {
        var wanted = EventVersion.Of(manifest);
        int known = 0;
        foreach (string other in _eventsByManifest.Keys)
        {
            var version = EventVersion.Of(other);
            if (version.Name == wanted.Name) known = Math.Max(known, version.Version);
        }
        return known == 0
            ? $"no event of '{Name}' has the name '{manifest}': was it renamed, or written by a newer version?"
            : $"the event '{wanted.Name}' of '{Name}' was written in version {wanted.Version}, and is known here up to version {known}: a newer version of the application wrote it.";
    }
}
