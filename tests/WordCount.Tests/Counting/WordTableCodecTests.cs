using System.Buffers;
using System.Text;
using ActorGrid.Actors;
using FsCheck.Fluent;

namespace WordCount.Tests;

public sealed class WordTableCodecTests
{
    private static byte[] Encode(WordTable table)
    {
        ArrayBufferWriter<byte> bytes = new();
        new WordTableCodec().Encode(table, bytes);
        return bytes.WrittenSpan.ToArray();
    }

    private static WordTable Counted(byte[] text)
    {
        WordTable table = new() { Bytes = text.Length };
        WordScanner scanner = new(table);
        scanner.Scan(text);
        scanner.End();
        return table;
    }

    private static byte[] Payload(params object[] fields) =>
    [
        .. fields.SelectMany(field => field is string word
            ? [(byte)word.Length, .. Encoding.Latin1.GetBytes(word)]
            : new[] { (byte)(int)field }),
    ];

    [Fact]
    public void A_table_comes_back_as_it_was() => Texts.ForAll(Texts.Any, text =>
    {
        WordTable table = Counted(text), back = new WordTableCodec().Decode(Encode(table));
        Assert.Equal(NaiveCount.Of(table), NaiveCount.Of(back));
        Assert.Equal((table.Bytes, table.CutWords, table.TotalWords), (back.Bytes, back.CutWords, back.TotalWords));
    });

    [Fact]
    public void The_largest_counts_come_back()
    {
        WordTable table = new() { Bytes = long.MaxValue, CutWords = long.MaxValue - 1 };
        table.Add("x"u8, long.MaxValue);
        WordTable back = new WordTableCodec().Decode(Encode(table));
        Assert.Equal((long.MaxValue, long.MaxValue - 1, long.MaxValue), (back.Bytes, back.CutWords, back.TotalWords));
    }

    [Fact]
    public void A_payload_cut_anywhere_is_refused()
    {
        byte[] payload = Encode(Counted("some words of the text, some longer than a packed one: antidisestablishmentarianism"u8.ToArray()));
        for (int length = 0; length < payload.Length; length++)
            Assert.Throws<CodecException>(() => new WordTableCodec().Decode(payload.AsSpan(0, length)));
    }

    /// <summary>Whatever the bytes: a table that encodes to as many bytes again, or a clear refusal; never another exception.</summary>
    [Fact]
    public void Random_and_damaged_payloads_are_refused_or_are_tables() => Texts.ForAll(
        from text in Texts.Any
        from at in Gen.Choose(0, 1 << 20)
        from value in Gen.Choose(0, 255)
        select (text, at, (byte)value),
        t =>
        {
            byte[] payload = Encode(Counted(t.text));
            payload[t.at % payload.Length] = t.Item3;
            foreach (byte[] hostile in new[] { payload, [1, .. t.text] })
            {
                try
                {
                    Assert.Equal(hostile.Length, Encode(new WordTableCodec().Decode(hostile)).Length);
                }
                catch (CodecException e)
                {
                    Assert.StartsWith("The stored word table cannot be used: ", e.Message, StringComparison.Ordinal);
                }
            }
        });

    [Fact]
    public void Every_lie_is_refused()
    {
        Assert.Equal(3, new WordTableCodec().Decode(Payload(1, 0, 0, 1, "ab", 3)).TotalWords);
        Refused("not 1", 2, 0, 0, 1, "ab", 3);
        Refused("inside a number", 1, 0, 0);
        Refused("announces", 1, 0, 0, 2, "ab", 3);
        Refused("twice", 1, 0, 0, 2, "ab", 3, "ab", 3);
        Refused("cut", 1, 0, 4, 1, "ab", 3);
        Refused("follow its end", 1, 0, 0, 1, "ab", 3, 0);
        Refused("folded letters", 1, 0, 0, 1, "aB", 3);
        Refused("folded letters", 1, 0, 0, 1, "a\u00C3", 3);
        Refused("0 bytes", 1, 0, 0, 1, "", 3, 0);
        Refused("inside a word", 1, 0, 0, 1, 9, 97, 98);
        Refused("out of range", 1, 0, 0, 1, "ab", 0);
        Refused("more bytes than it needs", 1, 0, 0, 1, "ab", 0x83, 0);
        Refused("too long", 1, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1);
    }

    [Fact]
    public void A_small_payload_that_announces_much_allocates_little()
    {
        byte[] payload = [1, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, .. new byte[100]];
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<CodecException>(() => new WordTableCodec().Decode(payload));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000);
    }

    private static void Refused(string reason, params object[] fields)
    {
        CodecException refusal = Assert.Throws<CodecException>(() => new WordTableCodec().Decode(Payload(fields)));
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
    }
}
