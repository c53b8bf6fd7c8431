namespace ActorGrid.Persistence;

/// <summary>A preflight under way: reads the journal entity by entity, several short histories in one read.</summary>
internal sealed class PreflightRun(IEventJournal journal, PreflightOptions options, IProgress<PreflightProgress>? progress, CancellationToken cancellationToken)
{
    private long _entities, _events, _faults;

    public async Task<PreflightTypeReport> CheckAsync(EntityType type)
    {
        var tally = new PreflightTally(type.Name, options.ExamplesMax);
        string? after = null;
        while (await journal.ListEntitiesAsync(type.Name, after, options.EntitiesPerRead, cancellationToken) is { Count: > 0 } keys)
        {
            await CheckAsync(type, keys, tally);
            after = keys[^1];
        }
        _entities += tally.Entities;
        _events += tally.Events;
        _faults += tally.Faults;
        return tally.ToReport();
    }

    private async Task CheckAsync(EntityType type, IReadOnlyList<string> keys, PreflightTally tally)
    {
        // Before the events: one that is read later may only be ahead of its snapshot, never behind.
        var snapshots = await ReadAsync([.. keys.Select(key => new EntityRead(new EntityId(type.Name, key), AfterSequence: null, EventsMax: 1))]);
        var pages = await ReadAsync([.. keys.Select(key => new EntityRead(new EntityId(type.Name, key), AfterSequence: 0, Math.Max(1, options.EventsPerRead / keys.Count)))]);
        for (int i = 0; i < keys.Count; i++)
        {
            var entity = pages[i].Entity;
            var check = new EntityCheck(entity, type.NewFold(), snapshots[i].Snapshot, tally);
            var page = pages[i];
            while (true)
            {
                foreach (var stored in page.Events) check.Take(stored.Event);
                if (!page.HasMore) break;
                Report(tally, type.Name);
                page = (await ReadAsync([new EntityRead(entity, check.Last, options.EventsPerRead)]))[0];
            }
            check.End();
        }
        Report(tally, type.Name);
    }

    private Task<IReadOnlyList<EntityPage>> ReadAsync(IReadOnlyList<EntityRead> reads)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return journal.ReadEntitiesAsync(reads, cancellationToken);
    }

    private void Report(PreflightTally tally, string type) =>
        progress?.Report(new PreflightProgress(type, _entities + tally.Entities, _events + tally.Events, _faults + tally.Faults));
}
