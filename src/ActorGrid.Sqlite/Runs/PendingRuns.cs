namespace ActorGrid.Sqlite;

/// <summary>The runs of what is committed and not in the tables yet, by entity and by shard.</summary>
/// <remarks>
/// <para>The invariant: it holds the events of the log at the positions after <see cref="IndexedUpTo"/> up to <see cref="End"/>, all of them and no others; all
/// are committed, and what stands before is in the tables, or was removed. The log only grows at its end, and only what is in the tables is removed, so whoever brings
/// an earlier state than the one known changes nothing.</para>
/// <para>Both indices change under one gate, a commit at a time, so that a reader sees a commit whole or not at all.</para>
/// </remarks>
internal sealed class PendingRuns
{
    private readonly Lock _gate = new();
    private long _indexedUpTo, _end;

    public PendingRuns() => (Entities, Shards) = (new RunIndex(_gate), new RunIndex(_gate));

    public RunIndex Entities { get; }

    public RunIndex Shards { get; }

    /// <summary>How many runs there are: what moving them will cost.</summary>
    public int Count => Entities.Count + Shards.Count;

    /// <summary>The position up to which the tables hold the runs.</summary>
    public long IndexedUpTo => Volatile.Read(ref _indexedUpTo);

    /// <summary>The position of the last event that is known of.</summary>
    public long End => Volatile.Read(ref _end);

    /// <summary>Makes known what is committed.</summary>
    /// <param name="indexedUpTo">Up to where the tables hold the runs.</param>
    /// <param name="found">Events in the order of their positions, from one that is not after <see cref="End"/>, or the one behind it.</param>
    public void Publish(long indexedUpTo, List<LogEntry> found)
    {
        lock (_gate)
        {
            if (indexedUpTo > _indexedUpTo)
            {
                Entities.RemoveUpTo(indexedUpTo);
                Shards.RemoveUpTo(indexedUpTo);
                Volatile.Write(ref _indexedUpTo, indexedUpTo);
                if (indexedUpTo > _end) Volatile.Write(ref _end, indexedUpTo);
            }
            long end = _end;
            foreach (var entry in found)
            {
                if (entry.Position <= end) continue;
                end = entry.Position;
                Entities.Add(entry.Entity, entry.Sequence, end);
                Shards.Add(entry.Shard, entry.Offset, end);
            }
            Volatile.Write(ref _end, end);
        }
    }
}

/// <summary>Where an event stands: its number in its entity, its number in its shard, and its position in the log.</summary>
internal readonly record struct LogEntry(long Entity, long Sequence, long Shard, long Offset, long Position);
