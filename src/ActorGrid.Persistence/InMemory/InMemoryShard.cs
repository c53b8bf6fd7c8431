namespace ActorGrid.Persistence;

/// <summary>The row of a shard, its events and its timers. Guarded by the journal's lock.</summary>
internal sealed class InMemoryShard
{
    public Fence Fence { get; set; }

    public OffsetList Events { get; } = new();

    public SortedDictionary<TimerPosition, TimerRecord> Timers { get; } = [];

    public long YoungestReplyIssuedAtUnixMs { get; set; }

    public long LastOffset => Events.Last;
}

/// <summary>What is stored of an entity. Guarded by the journal's lock.</summary>
internal sealed class InMemoryEntity(int order)
{
    private readonly List<StoredEvent> _events = [];

    /// <summary>The sequence number of the last event that was removed.</summary>
    public long RemovedTo { get; private set; }

    /// <summary>Its number in the order in which entities were first seen.</summary>
    public int Order { get; } = order;

    public SnapshotRecord? Snapshot { get; set; }

    public Dictionary<CommandId, ReplyRecord> Replies { get; } = [];

    public Dictionary<string, TimerRecord> Timers { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, ReadOnlyMemory<byte>> Attachments { get; } = new(StringComparer.Ordinal);

    /// <summary>Sequence numbers have no gaps, and only the first events are ever removed.</summary>
    public long LastSequence => RemovedTo + _events.Count;

    /// <summary>Adds the next event; of an archive the first one that was not removed.</summary>
    public void Add(StoredEvent e)
    {
        if (_events.Count == 0) RemovedTo = e.Event.Sequence - 1;
        _events.Add(e);
    }

    /// <summary>The event of that number; null if there is none, or it was removed.</summary>
    public StoredEvent? Find(long sequence) => sequence > RemovedTo && sequence <= LastSequence ? _events[(int)(sequence - RemovedTo) - 1] : null;

    /// <summary>Events after that number, or after those that were removed.</summary>
    public List<StoredEvent> Page(long after, int max)
    {
        int first = (int)Math.Clamp(after - RemovedTo, 0, _events.Count);
        return _events.GetRange(first, Math.Min(max, _events.Count - first));
    }

    public void RemoveFirst(int count)
    {
        _events.RemoveRange(0, count);
        RemovedTo += count;
    }
}
