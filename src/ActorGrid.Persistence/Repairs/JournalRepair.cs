using System.Globalization;

namespace ActorGrid.Persistence;

/// <summary>
/// Repairs a quarantined entity in a journal that no grid runs on: for tools. A running grid is asked by its nodes, with <see cref="RepairEntity{TEntity}"/>. It raises the fence of the entity's shard as the next
/// owner would, so whoever owns the shard all the same is fenced, and what is written here is in its place when it looks.
/// </summary>
public static class JournalRepair
{
    private const int EventsPerRead = 4096;

    /// <summary>Tries a repair, and records it if the entity recovers with it.</summary>
    /// <param name="journal">The journal of a store that is open.</param>
    /// <param name="shard">The shard of the entity.</param>
    /// <param name="type">The type of the entity, registered with the code that it is to recover by; null: it is not tried whether it does, only whether there are events of these numbers. An encrypted one needs it.</param>
    /// <param name="entity">The entity.</param>
    /// <param name="repair">The repair, with one step at least.</param>
    /// <param name="owner">An incarnation that nobody else has: a number drawn by chance.</param>
    /// <param name="now">When it is decided.</param>
    /// <param name="cancellationToken">Ends it before anything is written.</param>
    /// <exception cref="ArgumentException">The repair has no steps, or the entity is not of the type.</exception>
    /// <exception cref="CommandRejectedException">The entity is not quarantined, or would still not recover; nothing was written. The reason names the next event at fault.</exception>
    /// <exception cref="EntityForgottenException">The key of the entity was destroyed. What its key store throws is thrown as it is.</exception>
    /// <exception cref="StoreException">The store could not be read or written, or somebody else has taken the shard; if the message does not say that nothing was written, look before trying again.</exception>
    public static async Task<RepairReceipt> RunAsync(
        IEventJournal journal, ShardId shard, EntityType? type, EntityId entity, Repair repair, Guid owner, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(journal);
        Repair.CheckSteps(repair);
        if (type is not null && type.Name != entity.Type) throw new ArgumentException($"{entity} is not of the type '{type.Name}'.", nameof(entity));
        // Before the fence: what is refused disturbs nobody.
        var cipher = type is null ? null : await type.FindCipherAsync(entity, cancellationToken);
        await TryAsync(journal, type, cipher, entity, repair, cancellationToken);
        var last = (await journal.ReadFencesAsync(cancellationToken)).FirstOrDefault(row => row.Shard == shard).Fence.Epoch;
        var raised = (await journal.RaiseFencesAsync([new FenceRaise(shard, new Fence(last with { Generation = last.Generation + 1 }, owner))], cancellationToken))[0];
        if (!raised.Raised) throw Taken(shard, raised.Current);
        // From here on nobody else writes, so what it is tried on now is what it will be.
        long sequence = await TryAsync(journal, type, cipher, entity, repair, cancellationToken) + 1;
        if (type is not null) cipher ??= await type.GetOrCreateCipherAsync(entity, cancellationToken);
        var e = RepairEvents.Stored(entity, repair, sequence, now.ToUnixTimeMilliseconds(), cipher);
        var outcome = (await journal.AppendAsync([new ShardAppend(shard, raised.Current, raised.LastOffset, [e], [], [], [])], cancellationToken))[0];
        return outcome.Status switch
        {
            AppendStatus.Committed => new RepairReceipt(entity, sequence, DateTimeOffset.FromUnixTimeMilliseconds(e.AtUnixMs)),
            AppendStatus.Fenced => throw Taken(shard, outcome.Current),
            AppendStatus.Refused => throw outcome.Error!,
            _ => throw new StoreException(
                string.Create(CultureInfo.InvariantCulture, $"It is not known whether the repair was written as event {sequence} of {entity}: inspect the entity before another try. {outcome.Error?.Message}"),
                isTransient: false, outcome.Error),
        };
    }

    private static StoreException Taken(ShardId shard, Fence? by) =>
        new($"A node has taken over {shard} at the same moment ({by}), and nothing was written: stop the grid, or repair the entity from its code.", isTransient: false);

    /// <summary>The number of the entity's last event.</summary>
    private static async Task<long> TryAsync(IEventJournal journal, EntityType? type, EntityCipher? cipher, EntityId entity, Repair repair, CancellationToken cancellationToken)
    {
        if (type is null) return await LastAsync(journal, entity, repair, cancellationToken);
        var now = await journal.RunAsync(entity, new RepairedRecovery(type.NewFold(cipher)), EventsPerRead, onEvent: null, cancellationToken);
        if (now.Fault is null) throw new CommandRejectedException(entity, string.Create(CultureInfo.InvariantCulture, $"It is not quarantined: it recovers, up to event {now.Last}."));
        var trial = await RepairTrial.RunAsync(journal, type, cipher, entity, repair, EventsPerRead, cancellationToken);
        return trial.Refusal is { } refusal ? throw new CommandRejectedException(entity, refusal) : trial.Last;
    }

    private static async Task<long> LastAsync(IEventJournal journal, EntityId entity, Repair repair, CancellationToken cancellationToken)
    {
        var page = (await journal.ReadCheckedAsync([new EntityRead(entity, null, EventsPerRead)], cancellationToken))[0];
        var snapshot = page.Snapshot;
        long removedTo = page.RemovedTo, last = page.LastAfter(snapshot?.Sequence ?? 0);
        bool isEncrypted = snapshot is not null && EncryptedPayload.IsEncrypted(snapshot.Payload.Span);
        while (true)
        {
            isEncrypted |= page.Events.Any(e => EncryptedPayload.IsEncrypted(e.Event.Payload.Span));
            if (isEncrypted) throw new CommandRejectedException(entity, RepairTrial.WithoutKey(entity));
            if (!page.HasMore) break;
            page = (await journal.ReadCheckedAsync([new EntityRead(entity, last, EventsPerRead)], cancellationToken))[0];
            last = page.LastAfter(last);
        }
        long ignored = snapshot is not null && repair.Steps.Any(s => s.Kind == RepairKind.IgnoreSnapshot && s.Sequence == snapshot.Sequence) ? snapshot.Sequence : 0;
        foreach (var step in repair.Steps)
        {
            string? why = step.Kind == RepairKind.IgnoreSnapshot && step.Sequence != ignored ? $"There is no snapshot of event {step.Sequence} that it would recover from."
                : step.Sequence > last ? $"There is no event {step.Sequence}: the last one is {last}."
                : step.Kind == RepairKind.IgnoreSnapshot && removedTo > 0 ? $"The snapshot of event {step.Sequence} cannot be ignored: the events up to event {removedTo} were removed, so it alone says what they added up to."
                : step.Kind != RepairKind.IgnoreSnapshot && ignored == 0 && step.Sequence <= (snapshot?.Sequence ?? 0) ? $"Event {step.Sequence} is not above the snapshot, that of event {snapshot!.Sequence}."
                : null;
            if (why is not null) throw new CommandRejectedException(entity, why);
        }
        return last;
    }
}
