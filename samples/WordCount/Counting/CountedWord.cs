using System.Text;

namespace WordCount;

/// <summary>A folded word and how often it was seen.</summary>
public readonly struct CountedWord
{
    private readonly PackedWord _packed;
    private readonly byte[]? _longer;

    internal CountedWord(PackedWord packed, byte[]? longer, long count)
    {
        _packed = packed;
        _longer = longer;
        Count = count;
    }

    /// <summary>At least 1.</summary>
    public long Count { get; }

    /// <summary>
    /// The word in UTF-8, either in its own array or written to <paramref name="buffer"/>, which takes at least 16 bytes.
    /// </summary>
    public ReadOnlySpan<byte> Utf8(Span<byte> buffer)
    {
        if (_longer is not null)
            return _longer;
        _packed.CopyTo(buffer);
        return buffer[.._packed.Length];
    }

    public override string ToString() => Encoding.UTF8.GetString(Utf8(stackalloc byte[PackedWord.LengthMax]));

    /// <summary>The order of the results: by descending count, then by code point.</summary>
    public static int Compare(CountedWord x, CountedWord y)
    {
        if (x.Count != y.Count)
            return y.Count.CompareTo(x.Count);
        if (x._longer is null && y._longer is null)
            return PackedWord.Compare(x._packed, y._packed);
        return x.Utf8(stackalloc byte[PackedWord.LengthMax]).SequenceCompareTo(y.Utf8(stackalloc byte[PackedWord.LengthMax]));
    }
}
