namespace WordCount;

/// <summary>What was counted.</summary>
/// <param name="TotalWords">How many words.</param>
/// <param name="CutWords">How many of them were longer than the cap.</param>
/// <param name="Bytes">The input that was read.</param>
/// <param name="BytesBefore">How many of them earlier runs of the job had counted.</param>
/// <param name="Elapsed">How long this run took.</param>
/// <param name="Words">All words, by descending count, then by code point.</param>
public sealed record CountResult(long TotalWords, long CutWords, long Bytes, long BytesBefore, TimeSpan Elapsed, IReadOnlyList<CountedWord> Words)
{
    /// <summary>What this run counted.</summary>
    public long BytesNow => Bytes - BytesBefore;

    public static CountResult Of(WordTable table, long bytesBefore, TimeSpan elapsed) =>
        new(table.TotalWords, table.CutWords, table.Bytes, bytesBefore, elapsed, table.Sorted());
}
