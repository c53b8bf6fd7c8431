namespace ActorGrid.Persistence;

internal sealed partial class EntityType<TSelf, TState, TEvent>
{
    internal override Type StateType => typeof(TState);

    internal override Type EventType => typeof(TEvent);

    internal override object? DecodeEvent(JournalEvent e) => Decode(e);

    internal override EntityFold NewFold(EntityCipher? cipher) => new EntityFold<TSelf, TState, TEvent>(this, cipher);

    /// <summary>The entity after the next of its stored events: the one fold, for recovery and for whoever looks into the past.</summary>
    /// <exception cref="Exception">Whatever a codec or <c>Apply</c> throws; or the event is not the next, or not known.</exception>
    public EntityVersion<TState> After(EntityVersion<TState> version, JournalEvent e, EntityCipher? cipher)
    {
        if (e.Sequence != version.Sequence + 1)
        {
            throw new InvalidOperationException($"event {e.Sequence} follows event {version.Sequence}: the journal has a gap.");
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
        var after = version with { Sequence = e.Sequence, AtUnixMs = e.AtUnixMs };
        return decoded is null
            ? after with { Timers = TimerEvents.Apply(version.Timers, e) }
            : after with { State = Entity.Apply(version.State, decoded) };
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
