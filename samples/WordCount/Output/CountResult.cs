namespace WordCount;

/// <summary>What was counted.</summary>
/// <param name="TotalWords">How many words.</param>
/// <param name="CutWords">How many of them were longer than the cap.</param>
/// <param name="Bytes">The input that was read.</param>
/// <param name="Elapsed">How long this run took; less than the whole count took, if it went on with an earlier one.</param>
/// <param name="Words">All words, by descending count, then by code point.</param>
public sealed record CountResult(long TotalWords, long CutWords, long Bytes, TimeSpan Elapsed, IReadOnlyList<CountedWord> Words)
{
    public static CountResult Of(WordTable table, TimeSpan elapsed) =>
        new(table.TotalWords, table.CutWords, table.Bytes, elapsed, table.Sorted());
}
