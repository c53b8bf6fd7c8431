namespace ActorGrid.Persistence;

/// <summary>An event as a subscription gets it: what happened, to whom, and where that stands in the journal.</summary>
/// <remarks>Immutable, safe to use from any thread and to keep.</remarks>
/// <typeparam name="TEvent">The base of the entity's events.</typeparam>
public sealed class EventEnvelope<TEvent>
    where TEvent : class
{
    private readonly string _subscription;
    private readonly long _issuedAtUnixMs;

    internal EventEnvelope(string subscription, ShardId shard, StoredEvent stored, TEvent e, long issuedAtUnixMs)
    {
        _subscription = subscription;
        _issuedAtUnixMs = issuedAtUnixMs;
        Event = e;
        Entity = stored.Event.Entity;
        Sequence = stored.Event.Sequence;
        Shard = shard;
        Offset = stored.Offset;
        At = DateTimeOffset.FromUnixTimeMilliseconds(stored.Event.AtUnixMs);
    }

    /// <summary>The event, in its newest version.</summary>
    public TEvent Event { get; }

    /// <summary>Whose event it is.</summary>
    public EntityId Entity { get; }

    /// <summary>Its number among the entity's events, from 1. Numbers may be missing: some belong to ActorGrid itself.</summary>
    public long Sequence { get; }

    /// <summary>The shard of the entity.</summary>
    public ShardId Shard { get; }

    /// <summary>Its number among the events of the shard, from 1.</summary>
    public long Offset { get; }

    /// <summary>When it was decided, by the clock of the owner.</summary>
    public DateTimeOffset At { get; }

    /// <summary>
    /// The id for a command that is sent on account of this event, derived from the subscription, the entity and the number of the event: the same whenever the event is given again, so that the command takes
    /// effect once. The same event given again later than replies are kept (10 minutes unless set otherwise) gets <see cref="OutcomeUnknownException"/> with it, since nobody knows any more.
    /// </summary>
    public CommandId CommandId => CommandIdFor(0);

    /// <summary>The id for one of several commands that are sent on account of this event.</summary>
    /// <param name="index">Which one, from 0; 0 is <see cref="CommandId"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The index is negative.</exception>
    public CommandId CommandIdFor(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        return CommandId.Derive(_subscription, Entity, Sequence, index, Math.Max(_issuedAtUnixMs, At.ToUnixTimeMilliseconds()));
    }

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"event {Sequence} of {Entity}: {Event}");
}
