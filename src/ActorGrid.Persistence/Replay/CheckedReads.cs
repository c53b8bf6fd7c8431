using System.Globalization;

namespace ActorGrid.Persistence;

/// <summary>Holds a journal to its contract where histories are read whole: an answer that breaks it is an error that names the entity, and neither believed nor asked for again and again.</summary>
internal static class CheckedReads
{
    /// <summary>Reads, and checks what came.</summary>
    /// <exception cref="StoreException">The store could not be read, or its answer leaves something out.</exception>
    public static async Task<EntityPage[]> ReadCheckedAsync(this IEventJournal journal, IReadOnlyList<EntityRead> reads, CancellationToken cancellationToken)
    {
        var pages = await journal.ReadEntitiesAsync(reads, cancellationToken);
        if (pages.Count != reads.Count)
        {
            throw Broken(string.Create(
                CultureInfo.InvariantCulture, $"The store was asked for {reads.Count} histories, that of {reads[0].Entity} first, and gave {pages.Count}"));
        }
        for (int i = 0; i < pages.Count; i++) Check(reads[i], pages[i]);
        return [.. pages];
    }

    private static void Check(EntityRead read, EntityPage page)
    {
        if (page.Entity != read.Entity) throw Broken($"The store was asked for the history of {read.Entity}, and gave that of {page.Entity}");
        long last = Math.Max(read.AfterSequence ?? page.Snapshot?.Sequence ?? 0, page.RemovedTo);
        if (read.AfterSequence is null && page.RemovedTo > 0 && page.RemovedTo >= (page.Snapshot?.Sequence ?? 0))
        {
            throw Broken(string.Create(CultureInfo.InvariantCulture, $"The events of {read.Entity} up to {page.RemovedTo} were removed, and no snapshot stands above them"));
        }
        foreach (var stored in page.Events)
        {
            if (stored.Event.Sequence != ++last)
            {
                throw Broken(string.Create(CultureInfo.InvariantCulture, $"Event {last} of {read.Entity} is missing: the store gave event {stored.Event.Sequence} in its place"));
            }
        }
        if (page.HasMore && page.Events.Count == 0)
        {
            throw Broken(string.Create(CultureInfo.InvariantCulture, $"Event {last + 1} of {read.Entity} is missing: the store says that events follow event {last}, and gave none"));
        }
    }

    private static StoreException Broken(string what) => new($"{what}. If the store is damaged, restore a backup.", isTransient: false);
}
