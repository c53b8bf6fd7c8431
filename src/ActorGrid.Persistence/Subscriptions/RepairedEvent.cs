namespace ActorGrid.Persistence;

/// <summary>What a repair of its entity puts in the place of an event that a subscription cannot read.</summary>
/// <remarks>It is looked for on the failing path alone, so an event that can be read is given as it was written, whatever a repair says of it.</remarks>
internal static class RepairedEvent
{
    private const int EventsPerRead = 1000;

    /// <summary>Looks for it among the events that the entity has after that one; null: no repair is about it. A replacement is in clear, as it stands in the repair.</summary>
    /// <exception cref="StoreException">The store could not be read, or the history has a gap.</exception>
    /// <exception cref="TimeoutException">The key store has not answered.</exception>
    /// <exception cref="Exception">Whatever the key store throws.</exception>
    public static async Task<JournalEvent?> FindAsync(IEventJournal journal, EntityType type, ClearEvents keys, JournalEvent unreadable, CancellationToken cancellationToken)
    {
        var (isForgotten, cipher) = await keys.FindAsync(unreadable.Entity, cancellationToken);
        if (isForgotten) return WithheldEvent.Of(unreadable);
        var fold = type.NewFold(cipher);
        var book = new RepairBook();
        EntityPage page;
        long after = unreadable.Sequence;
        do
        {
            page = (await journal.ReadCheckedAsync([new EntityRead(unreadable.Entity, after, EventsPerRead)], cancellationToken))[0];
            foreach (var stored in page.Events) book.Take(stored.Event, fold);
            after = page.LastAfter(after);
        }
        while (page.HasMore);
        if (book.Find(unreadable.Sequence) is not { } step) return null;
        return step.Kind == RepairKind.Skip ? WithheldEvent.Of(unreadable) : unreadable with { Manifest = step.Name!, Payload = step.Payload };
    }
}

/// <summary>A subscription cannot read an event: its codec, an upcaster, or its key fails.</summary>
internal sealed class UnreadableEventException(StoredEvent stored, Exception cause)
    : Exception(FormattableString.Invariant($"Event {stored.Event.Sequence} of {stored.Event.Entity} ('{stored.Event.Manifest}') cannot be read: {cause.Message}"), cause)
{
    public StoredEvent Stored { get; } = stored;
}
