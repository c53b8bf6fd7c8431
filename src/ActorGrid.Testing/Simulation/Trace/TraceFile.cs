namespace ActorGrid.Testing;

/// <summary>The file for the whole trace of a run, which whoever runs the tests may name.</summary>
internal static class TraceFile
{
    public const string Variable = "ACTORGRID_TRACE";

    private static readonly Lock Writing = new();

    public static bool IsWanted => Name is not null;

    private static string? Name => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } name ? name : null;

    /// <summary>Writes the trace of a run that was recorded, if that is wanted. Of several runs the file has the last.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(SimulatedGrid grid)
    {
        if (Name is not { } name) return;
        // Tests run side by side, in several processes too: whoever opens the file finds one trace, and whole.
        lock (Writing)
        {
            string draft = FormattableString.Invariant($"{name}.{Environment.ProcessId}");
            File.WriteAllText(draft, Explanation.Whole(grid));
            File.Move(draft, name, overwrite: true);
        }
    }

    /// <summary>Where the whole trace is, or how to get it.</summary>
    public static string Hint => Name is { } name ? $"The whole trace is in {name}" : $"{Variable}=FILE writes the whole trace to that file";
}
