namespace ActorGrid.Testing;

/// <summary>All that happened in a world: always as a hash, and if it is asked for, entry by entry.</summary>
internal sealed class Trace(bool isRecorded)
{
    private readonly List<TraceEntry> _entries = [];
    private ulong _hash = 14695981039346656037;

    /// <summary>Whether the entries are kept.</summary>
    public bool IsRecorded => isRecorded;

    /// <summary>Equal for equal runs; different, as good as surely, for others.</summary>
    public ulong Hash => _hash;

    public IReadOnlyList<TraceEntry> Entries => _entries;

    /// <summary>Called for each entry as it is made; null: nobody is.</summary>
    public Action<TraceEntry>? Watcher { get; set; }

    /// <summary>A piece of work ran.</summary>
    public void Step(long ticks, int machine) => Mix((ulong)ticks * 31 + (uint)machine);

    public void Add(in TraceEntry entry)
    {
        if (entry.Kind is not (TraceKind.Log or TraceKind.Note))
        {
            Mix((ulong)entry.Ticks);
            Mix(((ulong)entry.Kind << 56) ^ ((ulong)(uint)entry.Machine << 28) ^ (uint)entry.Shard);
            Mix((ulong)entry.A);
            Mix((ulong)entry.B);
        }
        if (isRecorded) _entries.Add(entry);
        Watcher?.Invoke(entry);
    }

    /// <summary>A hash of bytes; the same everywhere.</summary>
    public static ulong HashOf(ReadOnlySpan<byte> bytes)
    {
        ulong hash = (ulong)bytes.Length;
        for (; bytes.Length >= 8; bytes = bytes[8..]) hash = Mix(hash, System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (byte b in bytes) hash = Mix(hash, b);
        return hash;
    }

    private static ulong Mix(ulong hash, ulong value)
    {
        hash = (hash ^ value) * 0x9E3779B97F4A7C15;
        return hash ^ (hash >> 29);
    }

    private void Mix(ulong value)
    {
        _hash = Mix(_hash, value);
    }
}
