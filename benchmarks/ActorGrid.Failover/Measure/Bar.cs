using System.Globalization;

namespace ActorGrid.Failover;

/// <summary>What a scenario has to reach with ActorGrid's defaults, beside that no request fails and nothing is lost, doubled or stale.</summary>
/// <param name="LastMedianMs">The last entity answers again within this at the median of the runs; null: no bound.</param>
/// <param name="LastMaxMs">The same at the worst.</param>
/// <param name="P999Ms">No request from the fault on is slower at p99.9, in any run.</param>
internal sealed record Bar(double? LastMedianMs = null, double? LastMaxMs = null, double? P999Ms = null)
{
    public bool Holds(IReadOnlyList<RunResult> runs)
    {
        // Runs in which nobody had to wait are the best there are.
        var last = Spread.Of(runs.Select(r => (double?)(r.Recovery.Last ?? 0)));
        return last is not null && !(last.Median > LastMedianMs) && !(last.Max > LastMaxMs) && !(runs.Max(r => r.After.P999) > P999Ms);
    }

    public override string ToString()
    {
        string[] parts =
        [
            .. LastMedianMs is { } median ? [Text($"last back ≤ {median:n0} ms at the median")] : Array.Empty<string>(),
            .. LastMaxMs is { } worst ? [Text($"last back ≤ {worst:n0} ms at worst")] : Array.Empty<string>(),
            .. P999Ms is { } slowest ? [Text($"p99.9 ≤ {slowest:n0} ms")] : Array.Empty<string>(),
            "no request fails",
        ];
        return string.Join(", ", parts);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
