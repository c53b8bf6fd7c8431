using System.Globalization;

namespace ActorGrid.Persistence;

/// <summary>
/// The past of one entity: its state after any of its events, or at any time. It only reads the journal, so it needs no running grid, raises no fence and disturbs no owner;
/// what an owner has decided and not committed yet is not in it.
/// </summary>
/// <remarks>Immutable, safe to use from any thread. States are worked out on the context of the caller, at the cost of a recovery, or of a replay from the first event where the latest
/// snapshot is younger than what is asked for.</remarks>
public sealed class EntityHistory
{
    private readonly IEventJournal _journal;
    private readonly EntityType _type;

    /// <summary>Looks at an entity.</summary>
    /// <param name="journal">The journal of a store that is open. It may be in use by a grid.</param>
    /// <param name="type">The type of the entity, registered with the code that its events shall be read by.</param>
    /// <param name="key">Which one: 1 to 256 characters, no control characters.</param>
    /// <exception cref="ArgumentException">The key is not allowed.</exception>
    public EntityHistory(IEventJournal journal, EntityType type, string key)
    {
        ArgumentNullException.ThrowIfNull(journal);
        ArgumentNullException.ThrowIfNull(type);
        _journal = journal;
        _type = type;
        Entity = EntityId.Create(type.Name, key);
    }

    /// <summary>The entity.</summary>
    public EntityId Entity { get; }

    /// <summary>Events in one read.</summary>
    internal int EventsPerRead { get; init; } = 1000;

    /// <summary>The state after the event of that number.</summary>
    /// <param name="sequence">The sequence number; 0: the state before the first event.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    /// <typeparam name="TState">The state of the entity.</typeparam>
    /// <exception cref="ArgumentException">The entities of this type have a state of another type.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    /// <exception cref="HistoryUnavailableException">There is no such event, or the events up to it were deleted below a snapshot.</exception>
    /// <exception cref="QuarantinedException">An event, or the snapshot, cannot be read or applied; the message names it and the cause.</exception>
    /// <exception cref="StoreException">The store could not be read.</exception>
    public async Task<PastState<TState>> StateAtAsync<TState>(long sequence, CancellationToken cancellationToken = default)
        where TState : notnull
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sequence);
        CheckState(typeof(TState));
        var fold = sequence == 0 ? _type.NewFold() : await FoldAsync(sequence, long.MaxValue, cancellationToken);
        if (fold.Sequence == sequence) return Past<TState>(fold);
        throw new HistoryUnavailableException(
            Entity,
            fold.Sequence == 0
                ? $"{Entity} has no events, so there is no event {sequence}: was it ever written, and under this key?"
                : string.Create(CultureInfo.InvariantCulture, $"There is no event {sequence} of {Entity}: its last one is {fold.Sequence}."));
    }

    /// <summary>The state at a time: after all events up to the first that was decided later. After the last event it is the present state, before the first one the initial.</summary>
    /// <remarks>Events carry the time of the node that decided them, in whole milliseconds. Where an entity has moved to a node whose clock was behind, times go back within its history; the
    /// state is then that before the first event that is later, counted from the latest snapshot if that is not later itself.</remarks>
    /// <param name="time">The time; an event of exactly this time is included.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    /// <typeparam name="TState">The state of the entity.</typeparam>
    /// <exception cref="ArgumentException">The entities of this type have a state of another type.</exception>
    /// <exception cref="HistoryUnavailableException">The events up to then were deleted below a snapshot.</exception>
    /// <exception cref="QuarantinedException">An event, or the snapshot, cannot be read or applied; the message names it and the cause.</exception>
    /// <exception cref="StoreException">The store could not be read.</exception>
    public async Task<PastState<TState>> StateAtAsync<TState>(DateTimeOffset time, CancellationToken cancellationToken = default)
        where TState : notnull
    {
        CheckState(typeof(TState));
        return Past<TState>(await FoldAsync(long.MaxValue, time.ToUnixTimeMilliseconds(), cancellationToken));
    }

    private PastState<TState> Past<TState>(EntityFold fold)
        where TState : notnull =>
        new(Entity, fold.Sequence, fold.Sequence == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(fold.AtUnixMs), (TState)fold.State);

    private void CheckState(Type asked)
    {
        if (asked == _type.StateType) return;
        throw new ArgumentException($"The state of '{_type.Name}' is {_type.StateType}, not {asked}: write StateAtAsync<{CSharpName.Of(_type.StateType)}>(...).", nameof(asked));
    }

    /// <summary>Takes the events up to both bounds, from the snapshot if that is within them.</summary>
    private async Task<EntityFold> FoldAsync(long sequenceMax, long atUnixMsMax, CancellationToken cancellationToken)
    {
        var fold = _type.NewFold();
        var page = await ReadAsync(after: null, cancellationToken);
        var snapshot = page.Snapshot;
        if (snapshot is not null)
        {
            if (snapshot.Sequence <= sequenceMax && snapshot.AtUnixMs <= atUnixMsMax) Restore(fold, snapshot);
            else page = await ReadAsync(after: 0, cancellationToken);
        }
        if (fold.Sequence == 0) CheckBeginning(page, snapshot);
        while (true)
        {
            foreach (var stored in page.Events)
            {
                var e = stored.Event;
                if (e.Sequence > sequenceMax || e.AtUnixMs > atUnixMsMax) return fold;
                Take(fold, e);
            }
            if (!page.HasMore) return fold;
            cancellationToken.ThrowIfCancellationRequested();
            page = await ReadAsync(fold.Sequence, cancellationToken);
        }
    }

    private async Task<EntityPage> ReadAsync(long? after, CancellationToken cancellationToken) =>
        (await _journal.ReadEntitiesAsync([new EntityRead(Entity, after, EventsPerRead)], cancellationToken))[0];

    private void CheckBeginning(EntityPage page, SnapshotRecord? snapshot)
    {
        long first = page.Events.Count > 0 ? page.Events[0].Event.Sequence : (snapshot?.Sequence ?? 0) + 1;
        if (first == 1) return;
        throw new HistoryUnavailableException(
            Entity,
            string.Create(CultureInfo.InvariantCulture, $"The events of {Entity} before {first} are not in the journal any more. ")
                + (snapshot is null
                    ? "There is no snapshot either, so none of its states is known."
                    : string.Create(
                        CultureInfo.InvariantCulture,
                        $"Its states are known from its snapshot on: from event {snapshot.Sequence}, of {DateTimeOffset.FromUnixTimeMilliseconds(snapshot.AtUnixMs):O}.")));
    }

    private void Restore(EntityFold fold, SnapshotRecord snapshot)
    {
        try
        {
            fold.Restore(snapshot);
        }
        catch (Exception e)
        {
            // Whatever a codec throws: it is what would quarantine the entity.
            throw new QuarantinedException(Entity, snapshot.Sequence, e);
        }
    }

    private void Take(EntityFold fold, JournalEvent e)
    {
        try
        {
            fold.Take(e);
        }
        catch (Exception cause)
        {
            throw new QuarantinedException(Entity, e.Sequence, cause);
        }
    }
}
