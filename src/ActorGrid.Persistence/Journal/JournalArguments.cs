using System.Globalization;

namespace ActorGrid.Persistence;

/// <summary>The checks that every store makes before it touches anything, so that all stores refuse the same arguments with the same
/// words.</summary>
public static class JournalArguments
{
    /// <summary>Checks what <see cref="IEventJournal.AppendAsync"/> is given.</summary>
    /// <exception cref="ArgumentException">A limit is passed, or a shard is not of the grid or named twice.</exception>
    public static void Check(IReadOnlyList<ShardAppend> appends, GridIdentity grid)
    {
        ArgumentNullException.ThrowIfNull(appends);
        for (int i = 0; i < appends.Count; i++) Check(appends[i], grid);
        CheckDistinct(appends, static append => append.Shard);
    }

    /// <summary>Checks what <see cref="IEventJournal.RaiseFencesAsync"/> is given.</summary>
    /// <exception cref="ArgumentException">A shard is not of the grid or named twice, or an epoch is not one of an owner.</exception>
    public static void Check(IReadOnlyList<FenceRaise> raises, GridIdentity grid)
    {
        ArgumentNullException.ThrowIfNull(raises);
        foreach (var raise in raises)
        {
            Check(raise.Shard, grid);
            if (!raise.Fence.Epoch.IsOfOwner)
            {
                throw new ArgumentException($"The fence {raise.Fence} of {raise.Shard} is nobody's: the first epoch is 0.1 without a cluster, and 1.0 in one.", nameof(raises));
            }
        }
        CheckDistinct(raises, static raise => raise.Shard);
    }

    /// <summary>Checks what <see cref="ISnapshotStore.SaveAsync"/> is given.</summary>
    /// <exception cref="ArgumentException">A limit is passed, or a shard is not of the grid.</exception>
    public static void Check(IReadOnlyList<SnapshotWrite> snapshots, GridIdentity grid)
    {
        ArgumentNullException.ThrowIfNull(snapshots);
        foreach (var write in snapshots)
        {
            Check(write.Shard, grid);
            CheckSize("snapshot", write.Snapshot.Entity, write.Snapshot.Payload.Length, JournalLimits.PayloadBytesMax);
        }
    }

    /// <summary>Checks what <see cref="IEventJournal.RemoveEventsAsync"/> is given.</summary>
    /// <exception cref="ArgumentException">An entity is named twice, a shard is not of the grid, or a number or a name is out of range.</exception>
    public static void Check(IReadOnlyList<EventRemoval> removals, IReadOnlyList<string> subscriptions, GridIdentity grid)
    {
        ArgumentNullException.ThrowIfNull(removals);
        ArgumentNullException.ThrowIfNull(subscriptions);
        foreach (string name in subscriptions) Subscription.CheckName(name);
        var entities = new HashSet<EntityId>(removals.Count);
        foreach (var removal in removals)
        {
            Check(removal.Shard, grid);
            if (removal.SnapshotSequence < 1) throw new ArgumentException($"No snapshot of {removal.Entity} rests on event {removal.SnapshotSequence}.", nameof(removals));
            if (removal.EventsMax < 1) throw new ArgumentException($"A removal of {removal.Entity} is of at least 1 event, not {removal.EventsMax}.", nameof(removals));
            if (!entities.Add(removal.Entity)) throw new ArgumentException($"{removal.Entity} is named twice in one call.", nameof(removals));
        }
    }

    /// <summary>Checks what <see cref="IEventJournal.ReadEntitiesAsync"/> is given.</summary>
    /// <exception cref="ArgumentException">A bound is below 1, or a number negative.</exception>
    public static void Check(IReadOnlyList<EntityRead> reads)
    {
        ArgumentNullException.ThrowIfNull(reads);
        foreach (var read in reads)
        {
            if (read.EventsMax < 1) throw new ArgumentException($"A page of {read.Entity} has at least 1 event, not {read.EventsMax}.", nameof(reads));
            if (read.AfterSequence < 0) throw new ArgumentException($"No event of {read.Entity} has the number {read.AfterSequence}.", nameof(reads));
        }
    }

    /// <summary>Checks that a shard is one that a grid may have. Entity types of a role have shards of their own, numbered on from those of
    /// the grid.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public static void Check(ShardId shard, GridIdentity grid)
    {
        if ((uint)shard.Value < GridIdentity.ShardCountMax) return;
        throw new ArgumentException($"There is no {shard} in the grid {grid}: with those of all roles, a grid has at most {GridIdentity.ShardCountMax}.", nameof(shard));
    }

    /// <summary>Checks the bounds of a page.</summary>
    /// <param name="after">The number after which the page begins, from 0.</param>
    /// <param name="max">The most items of the page, from 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">One is below its range.</exception>
    public static void CheckPage(long after, int max)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(after);
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
    }

    private static void Check(ShardAppend append, GridIdentity grid)
    {
        Check(append.Shard, grid);
        if (append.ExpectedOffset < 0) throw new ArgumentException($"No offset of {append.Shard} is {append.ExpectedOffset}.", nameof(append));
        foreach (var e in append.Events) CheckSize("event", e.Entity, e.Payload.Length, JournalLimits.PayloadBytesMax);
        foreach (var reply in append.Replies) CheckSize("reply", reply.Entity, reply.Payload.Length, JournalLimits.PayloadBytesMax);
        foreach (var change in append.Timers)
        {
            if (change.Timer is not { } timer) continue;
            CheckSize("timer", timer.Entity, timer.Payload.Length, JournalLimits.PayloadBytesMax);
            if (timer.Entity != change.Entity || !string.Equals(timer.Name, change.Name, StringComparison.Ordinal))
            {
                throw new ArgumentException(
                    $"The change of timer '{change.Name}' of {change.Entity} holds timer '{timer.Name}' of {timer.Entity}.", nameof(append));
            }
        }
        foreach (var change in append.Attachments)
        {
            if (change.Name.Length is < 1 or > JournalLimits.AttachmentNameLengthMax)
            {
                throw new ArgumentException(
                    $"The name of an attachment of {change.Entity} has {change.Name.Length} characters; 1 to {JournalLimits.AttachmentNameLengthMax} are allowed.",
                    nameof(append));
            }
            if (change.Payload is { } payload) CheckSize("attachment", change.Entity, payload.Length, JournalLimits.AttachmentBytesMax);
        }
    }

    private static void CheckSize(string what, EntityId entity, int bytes, int bytesMax)
    {
        if (bytes <= bytesMax) return;
        throw new ArgumentException(string.Create(
            CultureInfo.InvariantCulture, $"The payload of the {what} of {entity} has {bytes:N0} bytes; at most {bytesMax:N0} are taken."), nameof(bytes));
    }

    private static void CheckDistinct<T>(IReadOnlyList<T> items, Func<T, ShardId> shardOf)
    {
        if (items.Count < 2) return;
        var seen = new HashSet<ShardId>(items.Count);
        foreach (var item in items)
        {
            if (!seen.Add(shardOf(item))) throw new ArgumentException($"{shardOf(item)} is named twice in one call.", nameof(items));
        }
    }
}
