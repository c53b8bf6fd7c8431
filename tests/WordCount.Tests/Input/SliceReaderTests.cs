using System.Text;

namespace WordCount.Tests;

public sealed class SliceReaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static InputFile Identify(string path) => new(path, new FileInfo(path).Length, File.GetLastWriteTimeUtc(path).Ticks);

    private static WordTable Count(InputFile file, params long[] cuts)
    {
        WordTable table = new();
        SliceReader reader = new(table);
        long at = 0;
        foreach (long cut in cuts.Append(file.Length))
        {
            if (cut == at)
                continue;
            reader.Count(new FileSlice(file, at, cut - at));
            at = cut;
        }

        return table;
    }

    [Fact]
    public void Slices_cut_anywhere_count_every_word_once() => Texts.ForAll(Texts.WithCuts, t =>
    {
        InputFile file = Identify(_folder.Write("text", t.Text));
        WordTable table = Count(file, [.. t.Cuts.Select(cut => (long)cut)]);
        Assert.Equal(NaiveCount.Of(t.Text), NaiveCount.Of(table));
        Assert.Equal(t.Text.Length, table.Bytes);
    });

    [Fact]
    public void Slices_of_one_byte_count_every_word_once()
    {
        byte[] text =
        [
            .. Encoding.UTF8.GetBytes("Ünï 中文字 — 𐐀𐐨, e\u0301 end"), 0xF0, 0x90, (byte)'a', 0xC3, (byte)' ', 0xE2, 0x84,
            .. Encoding.UTF8.GetBytes("é"),
        ];
        InputFile file = Identify(_folder.Write("text", text));
        Assert.Equal(NaiveCount.Of(text), NaiveCount.Of(Count(file, [.. Enumerable.Range(0, text.Length).Select(i => (long)i)])));
    }

    [Fact]
    public void A_word_over_many_slices_and_blocks_counts_once()
    {
        byte[] text = Encoding.UTF8.GetBytes("start " + new string('w', 1_000_000) + " end");
        InputFile file = Identify(_folder.Write("text", text));
        WordTable table = Count(file, 100, 1_000, 5_000, 300_000, 999_999);
        Assert.Equal(NaiveCount.Of(text), NaiveCount.Of(table));
        Assert.Equal(1, table.CutWords);
    }

    [Fact]
    public void A_file_that_grew_shrank_was_rewritten_or_vanished_is_named()
    {
        string path = _folder.Write("text", "one two three");
        InputFile file = Identify(path);

        File.AppendAllText(path, " four");
        AssertChanged("it had 13 bytes and now has 18");
        File.WriteAllText(path, "one");
        AssertChanged("it had 13 bytes and now has 3");
        File.WriteAllText(path, "one two threE");
        File.SetLastWriteTimeUtc(path, new DateTime(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc));
        AssertChanged("it was written at 2001-02-03 04:05:06.000 UTC");
        File.Delete(path);
        Assert.Contains($"Cannot read '{path}'", Assert.Throws<InputException>(() => Count(file)).Message, StringComparison.Ordinal);

        void AssertChanged(string how)
        {
            string message = Assert.Throws<InputException>(() => Count(file, 4)).Message;
            Assert.StartsWith($"'{path}' changed since the count began: {how}.", message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Counting_can_be_cancelled()
    {
        InputFile file = Identify(_folder.Write("text", "one two three"));
        CancellationToken cancelled = new(canceled: true);
        Assert.Throws<OperationCanceledException>(() => new SliceReader(new()).Count(new(file, 0, 13), cancel: cancelled));
    }
}
