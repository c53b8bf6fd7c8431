namespace ActorGrid.Persistence;

/// <summary>A preflight under way: reads the journal entity by entity, several short histories in one read. What was read is let go of as soon as it was looked at.</summary>
internal sealed class PreflightRun(IEventJournal journal, PreflightOptions options, IProgress<PreflightProgress>? progress, CancellationToken cancellationToken)
{
    private long _entities, _events, _faults;

    public async Task<PreflightTally> CheckAsync(EntityType type)
    {
        var tally = new PreflightTally(type.Name, options.ExamplesMax);
        string? after = null;
        while (await journal.ListEntitiesAsync(type.Name, after, options.EntitiesPerRead, cancellationToken) is { Count: > 0 } keys)
        {
            await CheckAsync(type, [.. keys.Select(key => new EntityId(type.Name, key))], tally);
            after = keys[^1];
        }
        _entities += tally.Entities;
        _events += tally.Events;
        _faults += tally.Faults;
        return tally;
    }

    private async Task CheckAsync(EntityType type, EntityId[] entities, PreflightTally tally)
    {
        // Before the events: one that is read later may only be ahead of its snapshot, never behind.
        var recoveries = await TryReadAsync([.. entities.Select(Recovery)]);
        int eventsMax = Math.Max(1, options.EventsPerRead / entities.Length);
        var beginnings = await TryReadAsync([.. entities.Select(entity => new EntityRead(entity, AfterSequence: 0, eventsMax))]);
        for (int i = 0; i < entities.Length; i++)
        {
            if (await TryFoldAsync(type, entities[i]) is not { } fold)
            {
                // There is nothing to read any more, and nothing wrong.
                tally.Entities++;
                tally.Forgotten++;
                recoveries[i] = beginnings[i] = null;
                continue;
            }
            var beginning = beginnings[i];
            beginnings[i] = null;
            // Of a history that is here in whole the repairs are here, too.
            var repairs = beginning is { HasMore: false } ? RepairBook.Of(beginning.Events, fold) : null;
            var check = await BeginAsync(fold, entities[i], recoveries[i], repairs, 0, tally);
            recoveries[i] = null;
            if (check.HasMore && beginning is not null) check.Take(beginning);
            beginning = null;
            await TakeRestAsync(check, tally, type);
            for (long counted = 0; check.NeedsRepairs || check.IsOutdated;)
            {
                counted = Math.Max(counted, check.Last);
                fold.Reset();
                check = await BeginAsync(fold, entities[i], null, await FindRepairsAsync(entities[i], fold), counted, tally);
                await TakeRestAsync(check, tally, type);
            }
        }
        Report(tally, type.Name);
    }

    private async Task TakeRestAsync(EntityCheck check, PreflightTally tally, EntityType type)
    {
        while (check.HasMore)
        {
            Report(tally, type.Name);
            await TakeNextAsync(check);
        }
        check.End();
    }

    /// <summary>The repairs that the history of an entity holds, as far as it can be read: a recovery looks for them above the snapshot.</summary>
    private async Task<RepairBook> FindRepairsAsync(EntityId entity, EntityFold fold)
    {
        var book = new RepairBook();
        long last = await FindRepairsAsync(entity, fold, 0, book);
        try
        {
            if ((await ReadAsync([Recovery(entity)]))[0].Snapshot is { } snapshot && snapshot.Sequence > last) await FindRepairsAsync(entity, fold, snapshot.Sequence, book);
        }
        catch (StoreException e) when (!e.IsTransient)
        {
            // The check finds that as well, and says so.
            return book;
        }
        return book;
    }

    private async Task<long> FindRepairsAsync(EntityId entity, EntityFold fold, long after, RepairBook book)
    {
        try
        {
            while (true)
            {
                var page = (await ReadAsync([new EntityRead(entity, after, options.EventsPerRead)]))[0];
                foreach (var stored in page.Events) book.Take(stored.Event, fold);
                after = page.LastAfter(after);
                if (!page.HasMore) return after;
            }
        }
        catch (StoreException e) when (!e.IsTransient)
        {
            // The check finds that as well, and says so.
            return after;
        }
    }

    private async Task<EntityCheck> BeginAsync(EntityFold fold, EntityId entity, EntityPage? recovery, RepairBook? repairs, long countedTo, PreflightTally tally)
    {
        try
        {
            recovery ??= (await ReadAsync([Recovery(entity)]))[0];
            return new EntityCheck(entity, fold, recovery.Snapshot, recovery.RemovedTo, repairs, countedTo, tally);
        }
        catch (StoreException e) when (!e.IsTransient)
        {
            // It is with this read that a recovery begins.
            var check = new EntityCheck(entity, fold, snapshot: null, removedTo: 0, repairs ?? RepairBook.Empty, countedTo, tally);
            check.Miss(e.Message);
            return check;
        }
    }

    /// <summary>The history of an entity before its first event; null if it was forgotten.</summary>
    private async Task<EntityFold?> TryFoldAsync(EntityType type, EntityId entity)
    {
        try
        {
            return type.NewFold(await type.FindCipherAsync(entity, cancellationToken));
        }
        catch (EntityForgottenException)
        {
            return null;
        }
    }

    private async Task TakeNextAsync(EntityCheck check)
    {
        try
        {
            check.Take((await ReadAsync([new EntityRead(check.Entity, check.Last, (int)Math.Min(options.EventsPerRead, check.EventsToSnapshot))]))[0]);
        }
        catch (StoreException e) when (!e.IsTransient)
        {
            check.Miss(e.Message);
        }
    }

    /// <summary>Reads of several entities. One of them that cannot be read spoils it for all; then there are no pages, and each is read alone.</summary>
    private async Task<EntityPage?[]> TryReadAsync(IReadOnlyList<EntityRead> reads)
    {
        try
        {
            return await ReadAsync(reads);
        }
        catch (StoreException e) when (!e.IsTransient)
        {
            return new EntityPage?[reads.Count];
        }
    }

    private Task<EntityPage[]> ReadAsync(IReadOnlyList<EntityRead> reads)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return journal.ReadCheckedAsync(reads, cancellationToken);
    }

    private static EntityRead Recovery(EntityId entity) => new(entity, AfterSequence: null, EventsMax: 1);

    private void Report(PreflightTally tally, string type) =>
        progress?.Report(new PreflightProgress(type, _entities + tally.Entities, _events + tally.Events, _faults + tally.Faults));
}
