using System.Text;

namespace WordCount.Tests;

public sealed class WordTableTests
{
    private static ReadOnlySpan<byte> Utf8(string word) => Encoding.UTF8.GetBytes(word);

    /// <summary>A word for each number: letters only, of all lengths.</summary>
    private static string Word(int number) =>
        string.Concat($"{number}".Select(digit => (char)('a' + digit - '0'))) + new string('z', number % 20);

    [Fact]
    public void A_table_grows_and_keeps_every_count()
    {
        WordTable table = new();
        for (int round = 1; round <= 2; round++)
        {
            for (int i = 0; i < 50_000; i++)
                table.Add(Utf8(Word(i)), i + 1);
        }

        Assert.Equal(50_000, table.DistinctWords);
        Assert.Equal(50_000L * 50_001, table.TotalWords);
        for (int i = 0; i < 50_000; i++)
            Assert.Equal(2 * (i + 1), table[Utf8(Word(i))]);
        Assert.Equal(0, table[Utf8("missing")]);
        Assert.Equal(0, table[Utf8("amissingwordofmorethansixteenletters")]);
    }

    [Fact]
    public void Merging_adds_counts_and_leaves_the_other_as_it_was()
    {
        WordTable a = new(), b = new();
        for (int i = 0; i < 3_000; i++)
            a.Add(Utf8(Word(i)));
        for (int i = 2_000; i < 9_000; i++)
            b.Add(Utf8(Word(i)), 2);
        a.Merge(b);
        Assert.Equal((9_000, 3_000 + 14_000), (a.DistinctWords, a.TotalWords));
        Assert.Equal((1, 3, 2), (a[Utf8(Word(1_999))], a[Utf8(Word(2_000))], a[Utf8(Word(8_999))]));
        Assert.Equal((7_000, 14_000), (b.DistinctWords, b.TotalWords));
    }

    [Fact]
    public void Words_are_sorted_by_descending_count_then_by_code_point()
    {
        WordTable table = new();
        string b16 = new('b', 16), b17 = new('b', 17), o40 = new('o', 40);
        foreach (string word in new[] { "b", "a", "aa", "é", "zzzzzzzzz", "zzzzzzzza", "𐐨", "\uFF41", b17, b16 })
            table.Add(Utf8(word));
        table.Add(Utf8("often"), 3);
        table.Add(Utf8(o40), 2);
        Assert.Equal(
            ["often", o40, "a", "aa", "b", b16, b17, "zzzzzzzza", "zzzzzzzzz", "é", "\uFF41", "𐐨"],
            table.Sorted().Select(word => word.ToString()));
    }

    [Fact]
    public void A_count_that_would_overflow_is_refused()
    {
        WordTable table = new();
        foreach (string word in new[] { "short", new string('l', 30) })
        {
            table.Add(Utf8(word), long.MaxValue);
            Assert.Throws<OverflowException>(() => table.Add(Utf8(word)));
        }

        Assert.Throws<OverflowException>(() => table.TotalWords);
    }

    [Fact]
    public void Words_outside_the_bounds_are_refused()
    {
        WordTable table = new();
        Assert.Throws<ArgumentException>(() => table.Add([]));
        Assert.Throws<ArgumentException>(() => table.Add(new byte[WordTable.WordBytesMax + 1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => table.Add(Utf8("a"), 0));
    }
}
