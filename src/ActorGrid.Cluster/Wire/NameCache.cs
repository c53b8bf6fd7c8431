using System.Text;

namespace ActorGrid.Cluster;

/// <summary>Names that come again and again (of types, commands, services, topics): a string is made of them once, not for each message. Bounded, and each
/// thread has its own.</summary>
internal static class NameCache
{
    private const int Slots = 128;

    [ThreadStatic]
    private static string?[]? _names;

    /// <summary>The name that the bytes say.</summary>
    /// <exception cref="DecoderFallbackException">The bytes are not UTF-8.</exception>
    public static string Get(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty) return "";
        var names = _names ??= new string?[Slots];
        ref string? slot = ref names[((utf8.Length * 31) + (utf8[0] * 7) + (utf8[utf8.Length / 2] * 3) + utf8[^1]) % Slots];
        if (slot is not null && Ascii.Equals(utf8, slot)) return slot;
        return slot = WireWriter.Utf8.GetString(utf8);
    }
}
