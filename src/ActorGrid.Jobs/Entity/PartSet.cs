using System.Numerics;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ActorGrid.Jobs;

/// <summary>
/// An immutable set of part numbers. Adding copies one page of 512 bytes and the list of pages, so that each state of a job of 100,000
/// parts costs a fraction of a kilobyte and not a bitmap of its own.
/// </summary>
[JsonConverter(typeof(PartSetConverter))]
internal sealed class PartSet
{
    private const int PageBits = 4096;
    private readonly ulong[][] _pages;

    private PartSet(ulong[][] pages, int count)
    {
        _pages = pages;
        Count = count;
    }

    public static PartSet Empty { get; } = new([], 0);

    public int Count { get; }

    public bool Contains(int part)
    {
        int page = part / PageBits;
        return page < _pages.Length && (_pages[page][part % PageBits / 64] >> part & 1) != 0;
    }

    public PartSet Add(int part)
    {
        if (Contains(part)) return this;
        int page = part / PageBits;
        var pages = new ulong[Math.Max(_pages.Length, page + 1)][];
        for (int i = 0; i < pages.Length; i++) pages[i] = i < _pages.Length ? _pages[i] : NoBits;
        pages[page] = (ulong[])pages[page].Clone();
        pages[page][part % PageBits / 64] |= 1UL << part;
        return new PartSet(pages, Count + 1);
    }

    private static readonly ulong[] NoBits = new ulong[PageBits / 64];

    /// <summary>The bitmap, in whole pages.</summary>
    public byte[] ToBytes() => MemoryMarshal.AsBytes<ulong>(_pages.SelectMany(page => page).ToArray()).ToArray();

    /// <summary>Reads what <see cref="ToBytes"/> wrote.</summary>
    /// <exception cref="FormatException">The bytes are no whole number of pages.</exception>
    public static PartSet FromBytes(byte[] bytes)
    {
        if (bytes.Length % (PageBits / 8) != 0)
        {
            throw new FormatException($"A set of parts has {bytes.Length} bytes, which is no whole number of pages.");
        }
        var pages = bytes.Chunk(PageBits / 8).Select(page => MemoryMarshal.Cast<byte, ulong>(page).ToArray()).ToArray();
        return new PartSet(pages, pages.Sum(page => page.Sum(BitOperations.PopCount)));
    }
}

/// <summary>A set of parts as Base64 of its bitmap, little-endian.</summary>
internal sealed class PartSetConverter : JsonConverter<PartSet>
{
    public override PartSet Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        PartSet.FromBytes(reader.GetBytesFromBase64());

    public override void Write(Utf8JsonWriter writer, PartSet value, JsonSerializerOptions options) =>
        writer.WriteBase64StringValue(value.ToBytes());
}
