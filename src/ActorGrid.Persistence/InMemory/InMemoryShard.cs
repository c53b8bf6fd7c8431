namespace ActorGrid.Persistence;

/// <summary>The row of a shard, its events and its timers. Guarded by the journal's lock.</summary>
internal sealed class InMemoryShard
{
    public Fence Fence { get; set; }

    public List<StoredEvent> Events { get; } = [];

    public SortedDictionary<TimerPosition, TimerRecord> Timers { get; } = [];

    public long YoungestReplyIssuedAtUnixMs { get; set; }

    /// <summary>Offsets have no gaps, so the last one is the number of events.</summary>
    public long LastOffset => Events.Count;
}

/// <summary>What is stored of an entity. Guarded by the journal's lock.</summary>
internal sealed class InMemoryEntity(int order)
{
    public List<StoredEvent> Events { get; } = [];

    /// <summary>Its number in the order in which entities were first seen.</summary>
    public int Order { get; } = order;

    public SnapshotRecord? Snapshot { get; set; }

    public Dictionary<CommandId, ReplyRecord> Replies { get; } = [];

    public Dictionary<string, TimerRecord> Timers { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, ReadOnlyMemory<byte>> Attachments { get; } = new(StringComparer.Ordinal);

    /// <summary>Sequence numbers have no gaps, so the last one is the number of events.</summary>
    public long LastSequence => Events.Count;
}
