namespace ActorGrid.Persistence;

/// <summary>Issues command ids for a node without a lock: a counter, mixed by a bijection, so that no two of a node are equal, behind a
/// start by chance, so that nodes differ.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class CommandIdSource
{
    private readonly TimeProvider _time;
    private readonly ulong _node;
    private ulong _count;

    public CommandIdSource(TimeProvider time, Random random)
    {
        _time = time;
        _node = (ulong)random.NextInt64() & 0x3FF;
        _count = (ulong)random.NextInt64() << 1;
    }

    public CommandId Next()
    {
        ulong mixed = Mix(Interlocked.Increment(ref _count));
        ulong time = (ulong)_time.GetUtcNow().ToUnixTimeMilliseconds();
        // 62 bits of the mixed counter in the low part, the remaining 2 beside the node's 10 in the high part.
        return new CommandId((time << 16) | 0x7000 | (_node << 2) | (mixed >> 62), 0x8000_0000_0000_0000 | (mixed & 0x3FFF_FFFF_FFFF_FFFF));
    }

    /// <summary>The finalizer of SplitMix64.</summary>
    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58_476D_1CE4_E5B9;
        value = (value ^ (value >> 27)) * 0x94D0_49BB_1331_11EB;
        return value ^ (value >> 31);
    }
}
