namespace ActorGrid.Persistence;

/// <summary>Recoveries apart from a shard: page by page, on the context of the caller.</summary>
internal static class RecoveryReads
{
    /// <summary>Reads until the recovery is done.</summary>
    /// <param name="journal">The journal.</param>
    /// <param name="entity">The entity.</param>
    /// <param name="recovery">The recovery.</param>
    /// <param name="eventsPerRead">The most events in memory.</param>
    /// <param name="onEvent">Is shown each event that is read, some of them twice; nobody if null.</param>
    /// <param name="cancellationToken">Ends it between two reads.</param>
    /// <exception cref="StoreException">The store could not be read, or the history has a gap.</exception>
    public static async Task<RepairedRecovery> RunAsync(
        this IEventJournal journal, EntityId entity, RepairedRecovery recovery, int eventsPerRead, Action<JournalEvent>? onEvent, CancellationToken cancellationToken)
    {
        while (!recovery.IsDone)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var page = (await journal.ReadCheckedAsync([new EntityRead(entity, recovery.ReadAfter, eventsPerRead)], cancellationToken))[0];
            if (onEvent is not null)
            {
                foreach (var stored in page.Events) onEvent(stored.Event);
            }
            recovery.Take(page);
        }
        return recovery;
    }
}
