namespace ActorGrid.Testing;

/// <summary>How much something that happened has to do with what is at fault.</summary>
internal enum Relevance
{
    /// <summary>It happened meanwhile.</summary>
    Around,

    /// <summary>It has to do with it: on the way to it, or beside it.</summary>
    Near,

    /// <summary>It befell what is at fault, or all: never cut.</summary>
    Core,
}

/// <summary>An entry of the trace in words.</summary>
/// <param name="Ticks">When.</param>
/// <param name="Where">The name of the machine.</param>
/// <param name="Words">What.</param>
/// <param name="Sort">Equal for lines that say no more than that the same happened again.</param>
/// <param name="Relevance">How much it has to do with what is at fault.</param>
internal sealed record TraceLine(long Ticks, string Where, string Words, string Sort, Relevance Relevance)
{
    private const int WordsLengthMax = 300;

    /// <summary>How often it happened.</summary>
    public int Times { get; set; } = 1;

    /// <summary>When it happened last.</summary>
    public long LastTicks { get; set; } = Ticks;

    public override string ToString()
    {
        string words = Words.ReplaceLineEndings(" ");
        if (words.Length > WordsLengthMax) words = string.Concat(words.AsSpan(0, WordsLengthMax), " ...");
        string again = Times == 1 ? "" : FormattableString.Invariant($" (x{Times}, until {Seconds(LastTicks):0.000000})");
        return FormattableString.Invariant($"{Seconds(Ticks),11:0.000000} {Where,-8} {words}{again}");
    }

    private static double Seconds(long ticks) => ticks / (double)TimeSpan.TicksPerSecond;
}
