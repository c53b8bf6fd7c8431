using System.Globalization;

namespace ActorGrid.Testing;

/// <summary>What is said of the second run of a seed that failed: it has to be the first over again.</summary>
internal static class Repetition
{
    /// <summary>How to run the seed again, and whether its second run was like the first.</summary>
    /// <param name="first">The first run.</param>
    /// <param name="second">The second.</param>
    /// <param name="isFixed">Whether the test names the seed itself.</param>
    /// <param name="difference">Where further runs differ, if they do.</param>
    public static string Of(SimulatedGrid first, SimulatedGrid second, bool isFixed, string difference)
    {
        var (hash, other) = (first.World.Trace.Hash, second.World.Trace.Hash);
        string alone = isFixed ? "This test always runs this seed." : FormattableString.Invariant($"To run this seed alone: {SimulatedGrid.SeedVariable}={first.Seed} dotnet test --filter NAME-OF-THE-TEST");
        return hash == other
            ? string.Create(CultureInfo.InvariantCulture, $"{alone}\nIt was run again, and went the same way (trace hash {hash:x16}): the seed gives this run each time. {TraceFile.Hint}.")
            : string.Create(CultureInfo.InvariantCulture,
                $"{alone}\nIT IS NOT DETERMINISTIC: run again it went another way (trace hash {hash:x16}, then {other:x16}). The script, or what it tests, keeps state from run to run (static fields, variables outside of the script), or takes chance, time or order from outside the simulation. {difference}What is shown is the second run. {TraceFile.Hint}.");
    }

    /// <summary>Where two recorded runs begin to differ.</summary>
    public static string DifferenceOf(SimulatedGrid one, SimulatedGrid other)
    {
        var (x, y) = (one.World.Trace.Entries, other.World.Trace.Entries);
        for (int i = 0; i < Math.Min(x.Count, y.Count); i++)
        {
            string line = Explanation.WholeLine(one, x[i]), second = Explanation.WholeLine(other, y[i]);
            if (!string.Equals(line, second, StringComparison.Ordinal)) return $"A third run differs from the second from here on:\n  {line}\n  {second}\n";
        }
        return x.Count == y.Count ? "A third run was like the second: something is remembered from the first. " : "A third run was longer or shorter than the second. ";
    }
}
