using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace WordCount;

/// <summary>
/// Words and how often each was seen. Its memory grows with the distinct words only. One thread at a time.
/// </summary>
/// <remarks>
/// Words of up to 16 bytes, which are nearly all, lie packed in an open-addressing table that is never more than half full; longer ones are
/// in a dictionary. Every word is kept folded, in UTF-8, so each has exactly one place.
/// </remarks>
public sealed class WordTable
{
    /// <summary>The most bytes of a folded word that are kept. A longer one counts as its first letters that fit.</summary>
    public const int WordBytesMax = 1024;

    private const int FirstBits = 10;

    private Entry[] _entries = new Entry[1 << FirstBits];
    private int _shift = 64 - FirstBits;
    private int _used;
    private readonly Dictionary<byte[], long> _longer = new(WordBytesComparer.Instance);

    private struct Entry
    {
        public ulong Low, High;
        public long Count;                                   // 0: the place is free
    }

    /// <summary>How many words there were. Summed up when asked, since it would be the dearest part of counting a word.</summary>
    /// <exception cref="OverflowException">More than 2^63 - 1.</exception>
    public long TotalWords
    {
        get
        {
            long total = 0;
            foreach (ref readonly Entry entry in _entries.AsSpan())
                total = checked(total + entry.Count);
            foreach (long count in _longer.Values)
                total = checked(total + count);
            return total;
        }
    }

    /// <summary>How many different words there were.</summary>
    public int DistinctWords => _used + _longer.Count;

    /// <summary>How many words were longer than <see cref="WordBytesMax"/> and were cut.</summary>
    public long CutWords { get; internal set; }

    /// <summary>How many bytes of input were read for this.</summary>
    public long Bytes { get; internal set; }

    /// <summary>How often this folded word was seen.</summary>
    public long this[ReadOnlySpan<byte> word]
    {
        get
        {
            if (word.Length > PackedWord.LengthMax)
                return _longer.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(word, out long count) ? count : 0;
            return word.IsEmpty ? 0 : Find(PackedWord.From(word)).Count;
        }
    }

    /// <summary>Counts a folded word of 1 to <see cref="WordBytesMax"/> bytes <paramref name="times"/> more.</summary>
    public void Add(ReadOnlySpan<byte> word, long times = 1)
    {
        if (word.Length is 0 or > WordBytesMax)
            throw new ArgumentException($"A word has 1 to {WordBytesMax} bytes, not {word.Length}.", nameof(word));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(times);
        if (word.Length <= PackedWord.LengthMax)
        {
            Add(PackedWord.From(word), times);
            return;
        }

        ref long count = ref CollectionsMarshal.GetValueRefOrAddDefault(_longer.GetAlternateLookup<ReadOnlySpan<byte>>(), word, out _);
        count = checked(count + times);
    }

    /// <summary>Adds all that the other table holds, which stays as it is.</summary>
    public void Merge(WordTable other)
    {
        EnsureCapacity(other._used);
        foreach (ref readonly Entry entry in other._entries.AsSpan())
        {
            if (entry.Count > 0)
                Add(new PackedWord(entry.Low, entry.High), entry.Count);
        }

        foreach ((byte[] word, long count) in other._longer)
            Add(word, count);
        CutWords += other.CutWords;
        Bytes += other.Bytes;
    }

    /// <summary>All words in no order that means anything.</summary>
    public IEnumerable<CountedWord> Words()
    {
        foreach (Entry entry in _entries)
        {
            if (entry.Count > 0)
                yield return new(new PackedWord(entry.Low, entry.High), null, entry.Count);
        }

        foreach ((byte[] word, long count) in _longer)
            yield return new(default, word, count);
    }

    /// <summary>All words by descending count, then by code point.</summary>
    public CountedWord[] Sorted()
    {
        CountedWord[] words = new CountedWord[DistinctWords];
        int at = 0;
        foreach (CountedWord word in Words())
            words[at++] = word;
        words.AsSpan().Sort(CountedWord.Compare);
        return words;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Add(PackedWord word, long times = 1)
    {
        ref Entry entry = ref Find(word);
        if (entry.Count == 0)
            entry = ref Insert(word);
        entry.Count = checked(entry.Count + times);
    }

    /// <summary>
    /// Makes room for so many packed words at once. Needed where words come in the order of another table: into a smaller one they
    /// would all go to the same few places, and each would search through all before it.
    /// </summary>
    internal void EnsureCapacity(int words)
    {
        while (words * 2L > _entries.Length)
            Grow();
    }

    /// <summary>The word's place, or the free one where it belongs. There always is one, since the table is at most half full.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref Entry Find(PackedWord word)
    {
        // Every index is masked by the length less one, a power of two less one, so no bounds check is needed.
        ref Entry first = ref MemoryMarshal.GetArrayDataReference(_entries);
        uint mask = (uint)_entries.Length - 1;
        for (uint i = Hash(word) & mask; ; i = (i + 1) & mask)
        {
            ref Entry entry = ref Unsafe.Add(ref first, i);
            if (((entry.Low ^ word.Low) | (entry.High ^ word.High)) == 0 || entry.Count == 0)
                return ref entry;
        }
    }

    /// <summary>Multiplication carries every bit upwards, so the highest bits depend on the whole word.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint Hash(PackedWord word) => (uint)(((word.High * 0xD6E8FEB86659FD93 ^ word.Low) * 0x9E3779B97F4A7C15) >> _shift);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ref Entry Insert(PackedWord word)
    {
        if (_used * 2L >= _entries.Length)
            Grow();
        _used++;
        ref Entry entry = ref Find(word);
        entry.Low = word.Low;
        entry.High = word.High;
        return ref entry;
    }

    private void Grow()
    {
        Entry[] old = _entries;
        _entries = new Entry[checked(old.Length * 2)];
        _shift--;
        foreach (ref readonly Entry entry in old.AsSpan())
        {
            if (entry.Count > 0)
                Find(new PackedWord(entry.Low, entry.High)) = entry;
        }
    }
}
