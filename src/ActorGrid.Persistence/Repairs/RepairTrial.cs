using System.Globalization;

namespace ActorGrid.Persistence;

/// <summary>Tries whether an entity recovers with a repair, before it is written: what is recorded once is there for good.</summary>
internal static class RepairTrial
{
    /// <summary>Tries it.</summary>
    /// <param name="journal">The journal.</param>
    /// <param name="type">The type of the entity.</param>
    /// <param name="cipher">Reads what is encrypted; null: there is no key.</param>
    /// <param name="entity">The entity.</param>
    /// <param name="repair">The repair.</param>
    /// <param name="eventsPerRead">The most events in memory.</param>
    /// <param name="cancellationToken">Ends it between two reads.</param>
    /// <exception cref="StoreException">The store could not be read, or the history has a gap.</exception>
    public static async Task<TrialOutcome> RunAsync(
        IEventJournal journal, EntityType type, EntityCipher? cipher, EntityId entity, Repair repair, int eventsPerRead, CancellationToken cancellationToken)
    {
        var targets = repair.Steps.Where(step => step.Kind != RepairKind.IgnoreSnapshot).Select(step => step.Sequence).ToHashSet();
        var repairs = new HashSet<long>();
        bool isEncrypted = false;
        var fold = type.NewFold(cipher);
        var recovery = await journal.RunAsync(
            entity,
            new RepairedRecovery(fold, met: null, repair),
            eventsPerRead,
            e =>
            {
                isEncrypted |= EncryptedPayload.IsEncrypted(e.Payload.Span);
                if (RepairEvents.Is(e) && targets.Contains(e.Sequence) && IsReadable(e, fold)) repairs.Add(e.Sequence);
            },
            cancellationToken);
        isEncrypted |= recovery.Snapshot is { } snapshot && EncryptedPayload.IsEncrypted(snapshot.Payload.Span);
        return new TrialOutcome(recovery.Last, isEncrypted && cipher is null ? WithoutKey(entity) : WhyNot(entity, repair, recovery, repairs));
    }

    /// <summary>A repair would be stored in clear, or under another key than the rest.</summary>
    public static string WithoutKey(EntityId entity) =>
        $"{entity} is encrypted, and its key is not known here: bring the key back, and let the type of the entity have its key store. If the key was destroyed, let the key store answer that it was forgotten.";

    private static bool IsReadable(JournalEvent e, EntityFold fold)
    {
        try
        {
            fold.ReadRepair(e);
            return true;
        }
        catch (Actors.CodecException)
        {
            return false;
        }
    }

    private static string? WhyNot(EntityId entity, Repair repair, RepairedRecovery recovery, HashSet<long> repairs)
    {
        foreach (var step in repair.Steps)
        {
            if (WhyNot(entity, step, recovery, repairs) is { } why) return why;
        }
        if (recovery.Fault is not { } fault) return null;
        if (fault.IsSnapshot)
        {
            string remedy = recovery.RemovedTo == 0
                ? "Let the same repair ignore that snapshot."
                : Text($"It cannot be ignored, since the events up to event {recovery.RemovedTo} were removed: let code read it that can, or restore a backup.");
            return Text($"{entity} would still not recover: its snapshot of event {fault.Sequence} is at fault: {fault.Cause.Message}. {remedy}");
        }
        return repair.Steps.Any(step => step.Kind == RepairKind.Replace && step.Sequence == fault.Sequence)
            ? Text($"The event that is to replace event {fault.Sequence} cannot be read or applied: {fault.Cause.Message}")
            : Text($"{entity} would still not recover: event {fault.Sequence} is at fault: {fault.Cause.Message} Let the same repair skip or replace that one, too.");
    }

    private static string? WhyNot(EntityId entity, RepairStep step, RepairedRecovery recovery, HashSet<long> repairs)
    {
        if (step.Kind == RepairKind.IgnoreSnapshot)
        {
            if (recovery.Snapshot?.Sequence == step.Sequence)
            {
                return recovery.RemovedTo == 0 ? null : Text($"The snapshot of event {step.Sequence} of {entity} cannot be ignored: the events up to event {recovery.RemovedTo} were removed, so it alone says what they added up to. Let code read it that can, or restore a backup.");
            }
            return recovery.Snapshot is { } other
                ? Text($"There is no snapshot of event {step.Sequence} of {entity}: the latest is of event {other.Sequence}.")
                : Text($"There is no snapshot of event {step.Sequence} of {entity}: it has none.");
        }
        if (step.Sequence > recovery.Last)
        {
            return recovery.Last == 0
                ? $"{entity} has no events: was it ever written, and under this key?"
                : Text($"There is no event {step.Sequence} of {entity}: its last one is {recovery.Last}.");
        }
        if (step.Sequence <= recovery.Base) return Text($"Event {step.Sequence} of {entity} is not above its snapshot, that of event {recovery.Base}, so its recovery does not come by.");
        return repairs.Contains(step.Sequence) ? Text($"Event {step.Sequence} of {entity} is a repair: to change what it says, repair the event that it names once more.") : null;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>How a trial ended.</summary>
/// <param name="Last">The number of the entity's last event.</param>
/// <param name="Refusal">Why the repair is refused; null: the entity recovers with it.</param>
internal sealed record TrialOutcome(long Last, string? Refusal);
