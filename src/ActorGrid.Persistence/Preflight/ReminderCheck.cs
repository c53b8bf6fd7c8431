using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>Tries the commands of all timers that are set: one that cannot be read, or has no handler any more, would stay in the index and never fire.</summary>
internal sealed class ReminderCheck(IEventJournal journal, EntityTypes types, IReadOnlyDictionary<string, PreflightTally> tallies, CancellationToken cancellationToken)
{
    private const int TimersPerRead = 256;

    private EntityId _last;
    private EntityCipher? _cipher;

    public async Task RunAsync()
    {
        // A shard without a fence was never written to.
        var fences = await journal.ReadFencesAsync(cancellationToken);
        foreach (var (shard, _) in fences.OrderBy(row => row.Shard.Value)) await CheckAsync(shard);
    }

    private async Task CheckAsync(ShardId shard)
    {
        TimerPosition? after = null;
        while (await journal.ReadTimersAsync(shard, after, TimersPerRead, cancellationToken) is { Count: > 0 } page)
        {
            foreach (var timer in page) await CheckAsync(timer);
            if (after is { } position && page[^1].Position.CompareTo(position) <= 0)
            {
                throw new StoreException($"The store gave the timers of {shard} up to one of {page[^1].Entity}, and then the same again.", isTransient: false);
            }
            after = page[^1].Position;
        }
    }

    private async Task CheckAsync(TimerRecord timer)
    {
        // Who marks an entity as active has no command; entities of unknown types are told as such.
        if (timer.Name == ReminderName.Active || types.Find(timer.Entity.Type) is not { } type) return;
        var payload = timer.Payload;
        try
        {
            if (EncryptedPayload.IsEncrypted(payload.Span))
            {
                var cipher = await FindCipherAsync(type, timer.Entity);
                payload = type.Decrypt(payload, PayloadPlace.Timer(timer.Name, timer.DueUnixMs, timer.SetSequence, timer.Manifest), cipher);
            }
        }
        catch (EntityForgottenException)
        {
            // It leaves the index when it comes due.
            return;
        }
        catch (CodecException e)
        {
            Add(timer, e.Message);
            return;
        }
        try
        {
            if (type.DecodeCommand(timer.Manifest, payload.Span) is null) Add(timer, $"'{type.Name}' has no handler of that name: was it renamed?");
        }
        catch (Exception e)
        {
            // Whatever a codec throws.
            Add(timer, e.Message);
        }
    }

    /// <summary>Many timers of one entity often stand together.</summary>
    private async Task<EntityCipher?> FindCipherAsync(EntityType type, EntityId entity)
    {
        if (entity != _last) (_last, _cipher) = (entity, await type.FindCipherAsync(entity, cancellationToken));
        return _cipher;
    }

    private void Add(TimerRecord timer, string cause) => tallies[timer.Entity.Type].Add(
        PreflightFindingKind.UnreadableReminder, timer.Manifest, timer.Entity, timer.SetSequence, $"the reminder '{timer.Name}': {cause}", quarantines: false);
}
