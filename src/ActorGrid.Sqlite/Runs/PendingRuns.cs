namespace ActorGrid.Sqlite;

/// <summary>The runs of what is committed and not in the tables yet, by entity and by shard.</summary>
/// <remarks>Both change under one gate, a commit at a time, so that a reader sees a commit whole or not at all.</remarks>
internal sealed class PendingRuns
{
    private readonly Lock _gate = new();

    public PendingRuns() => (Entities, Shards) = (new RunIndex(_gate), new RunIndex(_gate));

    public RunIndex Entities { get; }

    public RunIndex Shards { get; }

    /// <summary>How many runs there are: what moving them will cost.</summary>
    public int Count => Entities.Count + Shards.Count;

    public void Add(in LogEntry entry)
    {
        Entities.Add(entry.Entity, entry.Sequence, entry.Position);
        Shards.Add(entry.Shard, entry.Offset, entry.Position);
    }

    /// <summary>Makes a commit visible.</summary>
    /// <param name="isMoved">Whether it moved what is here to the tables.</param>
    /// <param name="added">The events that it added.</param>
    public void Publish(bool isMoved, List<LogEntry> added)
    {
        lock (_gate)
        {
            if (isMoved)
            {
                Entities.Clear();
                Shards.Clear();
            }
            foreach (var entry in added) Add(entry);
        }
    }
}

/// <summary>Where an event stands: its number in its entity, its number in its shard, and its position in the log.</summary>
internal readonly record struct LogEntry(long Entity, long Sequence, long Shard, long Offset, long Position);
