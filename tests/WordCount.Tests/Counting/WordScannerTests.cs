using System.Text;

namespace WordCount.Tests;

public sealed class WordScannerTests
{
    private static WordTable Scan(byte[] text, params int[] cuts)
    {
        WordTable table = new();
        WordScanner scanner = new(table);
        int at = 0;
        foreach (int cut in cuts.Append(text.Length))
        {
            // Each block is an array of its own, so that a read outside of it would find other bytes.
            scanner.Scan(text[at..cut]);
            at = cut;
        }

        scanner.End();
        return table;
    }

    private static string Shown(WordTable table) => string.Join(' ', NaiveCount.Of(table).Select(w => $"{w.Key}:{w.Value}"));

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    [Fact]
    public void Blocks_of_any_size_give_what_the_definition_gives() =>
        Texts.ForAll(Texts.WithCuts, t => Assert.Equal(NaiveCount.Of(t.Text), NaiveCount.Of(Scan(t.Text, t.Cuts))));

    [Fact]
    public void Blocks_of_one_byte_give_what_the_definition_gives() =>
        Texts.ForAll(Texts.Any, t => Assert.Equal(NaiveCount.Of(t), NaiveCount.Of(Scan(t, [.. Enumerable.Range(0, t.Length)]))));

    [Theory]
    [InlineData("", "")]
    [InlineData("one", "one:1")]
    [InlineData("One two, ONE.", "one:2 two:1")]
    [InlineData("don't 3rd x_y", "don:1 rd:1 t:1 x:1 y:1")]
    [InlineData("Straße STRASSE ÉTÉ été", "strasse:1 straße:1 été:2")]
    [InlineData("ΣΊΣΥΦΟΣ", "σίσυφοσ:1")]
    [InlineData("\u212Aelvin kelvin", "kelvin:2")]
    [InlineData("e\u0301t", "e:1 t:1")]
    public void Words_are_runs_of_letters_folded_one_by_one(string text, string expected) =>
        Assert.Equal(expected, Shown(Scan(Utf8(text))));

    [Theory]
    [InlineData("61 FF 62", "a:1 b:1")]
    [InlineData("61 C3 62", "a:1 b:1")]
    [InlineData("61 C3 C3 A9", "a:1 é:1")]
    [InlineData("61 E2 84", "a:1")]
    [InlineData("C3 A9 80 C3 A9", "é:2")]
    [InlineData("61 ED A0 80 62", "a:1 b:1")]
    [InlineData("C0 80 61", "a:1")]
    public void Bytes_that_are_not_UTF8_separate_words_in_blocks_of_any_size(string hex, string expected)
    {
        byte[] text = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        Assert.Equal(expected, Shown(Scan(text)));
        Assert.Equal(expected, Shown(Scan(text, [.. Enumerable.Range(0, text.Length)])));
        // And where the vectors see them.
        byte[] amongOthers = [.. Enumerable.Repeat((byte)' ', 61), .. text, .. Enumerable.Repeat((byte)' ', 200)];
        Assert.Equal(expected, Shown(Scan(amongOthers)));
    }

    [Fact]
    public void Words_of_every_length_at_every_place_of_a_vector_are_counted_whole()
    {
        for (int length = 1; length <= 140; length++)
        {
            for (int before = 0; before < 64; before++)
            {
                byte[] text = Utf8(new string(' ', before) + new string('Q', length) + new string(' ', 90));
                Assert.Equal($"{new string('q', length)}:1", Shown(Scan(text)));
            }
        }
    }

    [Theory]
    [InlineData("a", 1024, 0)]
    [InlineData("a", 1025, 1)]
    [InlineData("a", 300_000, 1)]
    [InlineData("é", 512, 0)]
    [InlineData("é", 513, 1)]
    [InlineData("中", 341, 0)]
    [InlineData("中", 342, 1)]
    public void A_word_over_the_cap_counts_once_as_its_first_letters_and_is_reported(string letter, int times, int cut)
    {
        byte[] text = Utf8($"x {string.Concat(Enumerable.Repeat(letter, times))} y");
        WordTable table = Scan(text, text.Length / 3, text.Length / 2);
        Assert.Equal(NaiveCount.Of(text), NaiveCount.Of(table));
        Assert.Equal((3, cut), (table.TotalWords, table.CutWords));
    }

    [Fact]
    public void A_letter_that_would_fit_again_does_not_follow_one_that_was_cut_off()
    {
        byte[] text = Utf8(new string('a', 1023) + "éb");
        Assert.Equal($"{new string('a', 1023)}:1", Shown(Scan(text)));
    }

    [Fact]
    public void A_scanner_begins_anew_after_the_end()
    {
        WordTable table = new();
        WordScanner scanner = new(table);
        foreach (string text in new[] { "one two", "three" })
        {
            scanner.Scan(Utf8(text));
            scanner.End();
        }

        Assert.Equal("one:1 three:1 two:1", Shown(table));
    }
}
