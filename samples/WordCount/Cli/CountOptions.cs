namespace WordCount;

/// <summary>What the command line asks for.</summary>
/// <param name="Paths">Full paths; none: the generated text.</param>
/// <param name="Top">How many words are shown as bars.</param>
/// <param name="Json">The full path of the JSON file, or null.</param>
/// <param name="Csv">The full path of the CSV file, or null.</param>
/// <param name="Workers">How many parts are counted at a time.</param>
/// <param name="Job">The id that the user gave, or null.</param>
/// <param name="Data">The full path of the folder for jobs and the generated text.</param>
/// <param name="Seed">The seed of the generated text.</param>
public sealed record CountOptions(
    IReadOnlyList<string> Paths, int Top, string? Json, string? Csv, int Workers, string? Job, string Data, ulong Seed);
