using System.Globalization;

namespace ActorGrid.Persistence;

/// <summary>
/// The past of one entity: its state after any of its events, or at any time. It only reads the journal, so it needs no running grid, raises no fence and disturbs no owner;
/// what an owner has decided and not committed yet is not in it.
/// </summary>
/// <remarks>Immutable, safe to use from any thread. States are worked out on the context of the caller, at the cost of a recovery, or of a replay from the first event where the latest
/// snapshot is younger than what is asked for.</remarks>
public sealed partial class EntityHistory
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
    /// <exception cref="HistoryUnavailableException">There is no such event.</exception>
    /// <exception cref="EventsRemovedException">It lies below the snapshot, and events that it rests on were removed.</exception>
    /// <exception cref="QuarantinedException">An event, or the snapshot, cannot be read or applied; the message names it and the cause.</exception>
    /// <exception cref="EntityForgottenException">The key of the entity was destroyed. What its key store throws is thrown as it is.</exception>
    /// <exception cref="StoreException">The store could not be read, or the history has a gap.</exception>
    public async Task<PastState<TState>> StateAtAsync<TState>(long sequence, CancellationToken cancellationToken = default)
        where TState : notnull
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sequence);
        CheckState(typeof(TState));
        var fold = sequence == 0 ? _type.NewFold(cipher: null) : await FoldAsync(sequence, cancellationToken);
        if (fold.Sequence == sequence) return Past<TState>(fold);
        throw new HistoryUnavailableException(
            Entity,
            fold.Sequence == 0
                ? $"{Entity} has no events, so there is no event {sequence}: was it ever written, and under this key?"
                : string.Create(CultureInfo.InvariantCulture, $"There is no event {sequence} of {Entity}: its last one is {fold.Sequence}."));
    }

    /// <summary>The state at a time: after the last event that was decided until then. After the last event it is the present state, before the first one the initial.</summary>
    /// <remarks>
    /// <para>Events carry the time of the node that decided them, in whole milliseconds. Where an entity has moved to a node whose clock was behind, times go back within its history; all events
    /// up to the last that says so count then, those among them with a later time as well.</para>
    /// <para>So that the last is known, the events after the snapshot are read twice; where those before it have to be looked at, these too.</para>
    /// </remarks>
    /// <param name="time">The time; an event of exactly this time is included.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    /// <typeparam name="TState">The state of the entity.</typeparam>
    /// <exception cref="ArgumentException">The entities of this type have a state of another type.</exception>
    /// <exception cref="EventsRemovedException">The time is before that of the snapshot, and events were removed below it.</exception>
    /// <exception cref="QuarantinedException">An event, or the snapshot, cannot be read or applied; the message names it and the cause.</exception>
    /// <exception cref="EntityForgottenException">The key of the entity was destroyed. What its key store throws is thrown as it is.</exception>
    /// <exception cref="StoreException">The store could not be read, or the history has a gap.</exception>
    public async Task<PastState<TState>> StateAtAsync<TState>(DateTimeOffset time, CancellationToken cancellationToken = default)
        where TState : notnull
    {
        CheckState(typeof(TState));
        long sequence = await FindLastAsync(time.ToUnixTimeMilliseconds(), cancellationToken);
        return Past<TState>(sequence == 0 ? _type.NewFold(cipher: null) : await FoldAsync(sequence, cancellationToken));
    }

    /// <summary>Reads an attachment as the entity wrote it, which in the store may be encrypted.</summary>
    /// <param name="name">The name of the attachment.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    /// <returns>Its payload, or null if there is none of that name.</returns>
    /// <exception cref="EntityForgottenException">The key of the entity was destroyed. What its key store throws is thrown as it is.</exception>
    /// <exception cref="ActorGrid.Actors.CodecException">It is encrypted and cannot be decrypted; the message says why.</exception>
    /// <exception cref="StoreException">The store could not be read.</exception>
    public async Task<ReadOnlyMemory<byte>?> ReadAttachmentAsync(string name, CancellationToken cancellationToken = default)
    {
        var cipher = await _type.FindCipherAsync(Entity, cancellationToken);
        if (await _journal.ReadAttachmentAsync(Entity, name, cancellationToken) is not { } stored) return null;
        return _type.Decrypt(stored, PayloadPlace.Attachment(name), cipher);
    }

    /// <summary>As <see cref="StateAtAsync{TState}(long, CancellationToken)"/>, for whoever does not know the type of the state. Fewer events are taken if there are no more.</summary>
    internal Task<EntityFold> FoldAtAsync(long sequenceMax, CancellationToken cancellationToken) => sequenceMax == 0 ? Task.FromResult(_type.NewFold(cipher: null)) : FoldAsync(sequenceMax, cancellationToken);

    /// <summary>As <see cref="StateAtAsync{TState}(DateTimeOffset, CancellationToken)"/>, for whoever does not know the type of the state.</summary>
    internal async Task<EntityFold> FoldAtAsync(DateTimeOffset time, CancellationToken cancellationToken) =>
        await FoldAtAsync(await FindLastAsync(time.ToUnixTimeMilliseconds(), cancellationToken), cancellationToken);

    private PastState<TState> Past<TState>(EntityFold fold)
        where TState : notnull =>
        new(Entity, fold.Sequence, fold.Sequence == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(fold.AtUnixMs), (TState)fold.State);

    private void CheckState(Type asked)
    {
        if (asked == _type.StateType) return;
        throw new ArgumentException($"The state of '{_type.Name}' is {_type.StateType}, not {asked}: write StateAtAsync<{CSharpName.Of(_type.StateType)}>(...).", nameof(asked));
    }

    /// <summary>The number of the last event that was decided until then, or 0. Whether there is a snapshot may make it cheaper, and nothing else.</summary>
    private async Task<long> FindLastAsync(long atUnixMsMax, CancellationToken cancellationToken)
    {
        var page = await ReadAsync(after: null, long.MaxValue, cancellationToken);
        long snapshot = page.Snapshot?.Sequence ?? 0, found = page.Snapshot?.AtUnixMs <= atUnixMsMax ? snapshot : 0;
        found = await FindLastAsync(page, snapshot, long.MaxValue, atUnixMsMax, cancellationToken) ?? found;
        if (found == Overtaken) return await FindLastAsync(atUnixMsMax, cancellationToken);
        if (found > 0 || snapshot <= 1) return found;
        page = await ReadAsync(after: 0, snapshot - 1, cancellationToken);
        if (page.RemovedTo > 0) throw new EventsRemovedException(Entity, page.RemovedTo, Math.Max(snapshot, page.RemovedTo + 1));
        found = await FindLastAsync(page, 0, snapshot - 1, atUnixMsMax, cancellationToken) ?? 0;
        return found == Overtaken ? await FindLastAsync(atUnixMsMax, cancellationToken) : found;
    }

    /// <summary>While it was looking, events were removed that it had not seen yet: a newer snapshot stands above them.</summary>
    private const long Overtaken = -1;

    private async Task<long?> FindLastAsync(EntityPage page, long after, long sequenceMax, long atUnixMsMax, CancellationToken cancellationToken)
    {
        long? found = null;
        while (true)
        {
            foreach (var stored in page.Events)
            {
                if (stored.Event.AtUnixMs <= atUnixMsMax) found = stored.Event.Sequence;
            }
            after = page.LastAfter(after);
            if (!page.HasMore || after >= sequenceMax) return found;
            page = await ReadAsync(after, sequenceMax - after, cancellationToken);
            if (page.RemovedTo > after) return Overtaken;
        }
    }

    /// <summary>Takes the events up to that one; fewer if there are no more. Where they cannot be taken as they are, or a repair is among them, the repairs of the entity count, all of them.</summary>
    private async Task<EntityFold> FoldAsync(long sequence, CancellationToken cancellationToken)
    {
        var cipher = await _type.FindCipherAsync(Entity, cancellationToken);
        RecoveryFault? met = null;
        try
        {
            return await FoldStraightAsync(sequence, cipher, cancellationToken);
        }
        catch (QuarantinedException e)
        {
            if (e.InnerException is not RepairMetException) met = new RecoveryFault(e.Sequence, IsSnapshot: false, e.InnerException!);
        }
        var recovery = await _journal.RunAsync(Entity, new RepairedRecovery(_type.NewFold(cipher), met, sequenceMax: sequence), EventsPerRead, onEvent: null, cancellationToken);
        return recovery.Fault switch
        {
            null => recovery.Fold,
            { Cause: EventsRemovedException removed } => throw removed,
            { } fault => throw new QuarantinedException(Entity, fault.Sequence, fault.Cause),
        };
    }

    /// <summary>Takes the events up to that one, from the snapshot if that is not above it; fewer if there are no more.</summary>
    private async Task<EntityFold> FoldStraightAsync(long sequence, EntityCipher? cipher, CancellationToken cancellationToken)
    {
        var fold = _type.NewFold(cipher);
        var page = await ReadAsync(after: null, sequence, cancellationToken);
        if (page.Snapshot is { } snapshot)
        {
            if (snapshot.Sequence <= sequence) Restore(fold, snapshot);
            else page = await ReadAsync(after: 0, sequence, cancellationToken);
            if (snapshot.Sequence > sequence && page.RemovedTo > 0) throw new EventsRemovedException(Entity, page.RemovedTo, Math.Max(snapshot.Sequence, page.RemovedTo + 1));
        }
        while (true)
        {
            // Overtaken by a newer snapshot.
            if (page.RemovedTo > fold.Sequence) return await FoldStraightAsync(sequence, cipher, cancellationToken);
            foreach (var stored in page.Events)
            {
                if (fold.Sequence == sequence) return fold;
                Take(fold, stored.Event);
            }
            if (!page.HasMore || fold.Sequence == sequence) return fold;
            page = await ReadAsync(fold.Sequence, sequence - fold.Sequence, cancellationToken);
        }
    }

    private async Task<EntityPage> ReadAsync(long? after, long eventsMax, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return (await _journal.ReadCheckedAsync([new EntityRead(Entity, after, (int)Math.Min(EventsPerRead, eventsMax))], cancellationToken))[0];
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
