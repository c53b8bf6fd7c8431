using System.Text;

namespace ActorGrid.Persistence.Tests;

/// <summary>Writes what is in a journal before the code under test looks at it, whoever wrote it.</summary>
internal static class StoredHistory
{
    public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly Fence OwnFence = new(new Epoch(1, 0), new Guid("aaaaaaaa-0000-0000-0000-000000000001"));

    /// <summary>When an event was decided: a minute after the one before.</summary>
    public static DateTimeOffset At(long sequence) => Start.AddMinutes(sequence);

    public static JournalEvent Event(EntityId entity, long sequence, string manifest, string payload) =>
        new(entity, sequence, manifest, At(sequence).ToUnixTimeMilliseconds(), Encoding.UTF8.GetBytes(payload));

    /// <summary>Appends to the history of an entity, under the fence that its shard has, or one of its own.</summary>
    public static void Append(this IEventJournal journal, GridIdentity grid, EntityId entity, params IEnumerable<(string Manifest, string Payload)> events) =>
        Append(journal, grid, entity, events, static _ => []);

    /// <summary>Sets a timer of an entity, by the next event of its history.</summary>
    public static void Remind(this IEventJournal journal, GridIdentity grid, EntityId entity, string name, long due, string command, string payload)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(payload);
        string set = $$"""{"name":"{{name}}","dueUnixMs":{{due}},"command":"{{command}}","payload":"{{Convert.ToBase64String(bytes)}}"}""";
        Append(journal, grid, entity, [("$timer-set", set)], sequence => [new TimerChange(entity, name, new TimerRecord(entity, name, due, sequence, command, bytes))]);
    }

    /// <summary>Appends events that are the next of one entity, as they are.</summary>
    public static void Append(this IEventJournal journal, GridIdentity grid, IReadOnlyList<JournalEvent> events)
    {
        var shard = ShardId.Of(events[0].Entity, grid.ShardCount);
        long offset = Rig.Now(journal.ReadShardAsync(shard, 0, int.MaxValue, default)).Events is [.., var lastEvent] ? lastEvent.Offset : 0;
        Assert.Equal(AppendStatus.Committed, Rig.Now(journal.AppendAsync([new ShardAppend(shard, FenceOf(journal, shard), offset, events, [], [], [])], default))[0].Status);
    }

    private static void Append(
        IEventJournal journal, GridIdentity grid, EntityId entity, IEnumerable<(string Manifest, string Payload)> events, Func<long, IReadOnlyList<TimerChange>> timersAfter)
    {
        var shard = ShardId.Of(entity, grid.ShardCount);
        var fence = FenceOf(journal, shard);
        long offset = Rig.Now(journal.ReadShardAsync(shard, 0, int.MaxValue, default)).Events is [.., var lastEvent] ? lastEvent.Offset : 0;
        long sequence = Rig.Now(journal.ReadEntitiesAsync([new EntityRead(entity, 0, int.MaxValue)], default))[0].Events is [.., var last] ? last.Event.Sequence : 0;
        JournalEvent[] rows = [.. events.Select(e => Event(entity, ++sequence, e.Manifest, e.Payload))];
        var append = new ShardAppend(shard, fence, offset, rows, [], timersAfter(sequence), []);
        Assert.Equal(AppendStatus.Committed, Rig.Now(journal.AppendAsync([append], default))[0].Status);
    }

    /// <summary>Saves a snapshot that says this of the entity after one of its events.</summary>
    public static void Save(this IGridStore store, GridIdentity grid, EntityId entity, long sequence, string state, string header = """{"version":1,"timers":[]}""", Epoch? epoch = null)
    {
        var shard = ShardId.Of(entity, grid.ShardCount);
        var record = new SnapshotRecord(entity, sequence, epoch ?? FenceOf(store.Journal, shard).Epoch, At(sequence).ToUnixTimeMilliseconds(), Encoding.UTF8.GetBytes($"{header}\n{state}"));
        Assert.Equal(SnapshotOutcome.Saved, Rig.Now(store.Snapshots.SaveAsync([new SnapshotWrite(shard, FenceOf(store.Journal, shard), record)], default))[0]);
    }

    /// <summary>Removes the first events of an entity, up to that one, below the snapshot that it has.</summary>
    public static void Remove(this IGridStore store, GridIdentity grid, EntityId entity, long removedTo)
    {
        var shard = ShardId.Of(entity, grid.ShardCount);
        var page = Rig.Now(store.Journal.ReadEntitiesAsync([new EntityRead(entity, null, 1)], default))[0];
        var removal = new EventRemoval(shard, FenceOf(store.Journal, shard), entity, page.Snapshot!.Sequence, long.MaxValue, (int)(removedTo - page.RemovedTo));
        Assert.Equal(removal.EventsMax, Rig.Now(store.Journal.RemoveEventsAsync([removal], [], default))[0].Count);
    }

    private static Fence FenceOf(IEventJournal journal, ShardId shard)
    {
        if (Rig.Now(journal.ReadFencesAsync(default)).FirstOrDefault(row => row.Shard == shard) is { Fence: { Epoch.Term: > 0 } fence }) return fence;
        Assert.True(Rig.Now(journal.RaiseFencesAsync([new FenceRaise(shard, OwnFence)], default))[0].Raised);
        return OwnFence;
    }
}
