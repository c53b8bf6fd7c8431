using System.Buffers;
using ActorGrid.Actors;

namespace WordCount;

/// <summary>
/// A table as bytes. Layout, all numbers in base 128, lowest first: the version; input bytes; cut words; distinct words; then for each
/// word its length, its bytes, its count.
/// </summary>
public sealed class WordTableCodec() : MessageCodec<WordTable>("word-table")
{
    private const byte Version = 1;
    private const int NumberBytesMax = 9;                    // 63 bits
    private const int WordEntryBytesMin = 3;                 // length, one letter, count

    /// <inheritdoc/>
    public override void Encode(WordTable message, IBufferWriter<byte> output)
    {
        Span<byte> start = output.GetSpan(1 + 3 * NumberBytesMax);
        start[0] = Version;
        int at = 1;
        Put(start, ref at, message.Bytes);
        Put(start, ref at, message.CutWords);
        Put(start, ref at, message.DistinctWords);
        output.Advance(at);
        Span<byte> packed = stackalloc byte[PackedWord.LengthMax];
        foreach (CountedWord word in message.Words())
        {
            Span<byte> entry = output.GetSpan(WordTable.WordBytesMax + 2 * NumberBytesMax);
            ReadOnlySpan<byte> utf8 = word.Utf8(packed);
            at = 0;
            Put(entry, ref at, utf8.Length);
            utf8.CopyTo(entry[at..]);
            at += utf8.Length;
            Put(entry, ref at, word.Count);
            output.Advance(at);
        }
    }

    /// <summary>
    /// Reads a table. Accepts what <see cref="Encode"/> writes and nothing else; allocates no more than a fixed multiple of the payload.
    /// </summary>
    /// <exception cref="CodecException">The payload is none; the message has the reason.</exception>
    public override WordTable Decode(ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty || payload[0] != Version)
            throw Invalid($"its first byte is {(payload.IsEmpty ? "missing" : $"{payload[0]}, not {Version}")}");
        payload = payload[1..];
        WordTable table = new() { Bytes = Take(ref payload), CutWords = Take(ref payload) };
        long distinct = Take(ref payload);
        if (distinct > payload.Length / WordEntryBytesMin)
            throw Invalid($"it announces {distinct} words in {payload.Length} bytes");
        table.EnsureCapacity((int)distinct);
        long total = 0;
        for (long i = 0; i < distinct; i++)
            TakeWord(ref payload, table, ref total);
        if (table.DistinctWords != distinct)
            throw Invalid("a word is in it twice");
        if (table.CutWords > total)
            throw Invalid("more words were cut than counted");
        if (!payload.IsEmpty)
            throw Invalid($"{payload.Length} bytes follow its end");
        return table;
    }

    private static void TakeWord(ref ReadOnlySpan<byte> payload, WordTable table, ref long total)
    {
        long length = Take(ref payload);
        if (length is 0 or > WordTable.WordBytesMax)
            throw Invalid($"a word has {length} bytes");
        if (length > payload.Length)
            throw Invalid("it ends inside a word");
        ReadOnlySpan<byte> word = payload[..(int)length];
        if (!Letters.IsFoldedWord(word))
            throw Invalid("a word has something else than folded letters");
        payload = payload[(int)length..];
        long count = Take(ref payload);
        if (count == 0 || count > long.MaxValue - total)
            throw Invalid("a count is out of range");
        total += count;
        table.Add(word, count);
    }

    private static void Put(Span<byte> to, ref int at, long value)
    {
        ulong rest = (ulong)value;
        for (; rest >= 0x80; rest >>= 7)
            to[at++] = (byte)(rest | 0x80);
        to[at++] = (byte)rest;
    }

    /// <summary>Takes a number from 0 to 2^63 - 1, written in as few bytes as it needs.</summary>
    private static long Take(ref ReadOnlySpan<byte> payload)
    {
        long value = 0;
        for (int i = 0; i < NumberBytesMax; i++)
        {
            if (i == payload.Length)
                throw Invalid("it ends inside a number");
            byte b = payload[i];
            value |= (long)(b & 0x7F) << (7 * i);
            if (b >= 0x80)
                continue;
            if (b == 0 && i > 0)
                throw Invalid("a number has more bytes than it needs");
            payload = payload[(i + 1)..];
            return value;
        }

        throw Invalid("a number is too long");
    }

    private static CodecException Invalid(string reason) => new($"The stored word table cannot be used: {reason}.");
}
