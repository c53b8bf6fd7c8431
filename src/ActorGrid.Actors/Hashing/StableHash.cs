namespace ActorGrid.Actors;

/// <summary>Hashes that are the same in every process, on every machine and in every version.</summary>
internal static class StableHash
{
    /// <summary>The hash of a text: FNV-1a over its UTF-16 code units, then mixed.</summary>
    public static ulong Of(string text)
    {
        ulong hash = 14695981039346656037;
        foreach (char c in text) hash = (((hash ^ (c & 0xFFu)) * 1099511628211) ^ (uint)(c >> 8)) * 1099511628211;
        return Mix(hash);
    }

    /// <summary>The hash of a number drawn by chance.</summary>
    public static ulong Of(Guid guid)
    {
        Span<byte> bytes = stackalloc byte[16];
        guid.TryWriteBytes(bytes, bigEndian: true, out _);
        return Mix(System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(bytes)
            ^ Mix(System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(bytes[8..])));
    }

    /// <summary>Spreads each bit over all (the finalizer of SplitMix64).</summary>
    public static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
