using System.Globalization;

namespace ActorGrid.Failover;

/// <summary>The columns that all tables of results have, on the screen, in Markdown and in HTML.</summary>
internal static class Columns
{
    public static readonly IReadOnlyList<(string Head, string Meaning)> All =
    [
        ("scenario", "what was done to the grid"),
        ("store", "where the grid keeps everything"),
        ("runs", "each on a grid that was started for it"),
        ("hit", "entities that stopped to answer, at the median of the runs"),
        ("first", "milliseconds from the fault until the first of them answered again, both a read and a write: median [min .. max] of the runs"),
        ("median", "the same until half of them answered"),
        ("p99", "the same until all but one in a hundred answered"),
        ("last", "the same until all of them answered, both a read and a write"),
        ("answered", "the same until all of them had answered anything"),
        ("p99.9", "milliseconds that all but one in a thousand of the requests due from the fault on took"),
        ("slowest", "milliseconds that the slowest of them took"),
        ("failed", "requests that failed, over all runs"),
        ("over 1 s", "requests that were answered after more than a second, over all runs"),
        ("lost", "acknowledged writes that the store did not hold at the end, over all runs"),
        ("doubled", "writes that took effect twice, over all runs"),
        ("stale", "answers older than what had been answered before they were asked for, over all runs"),
        ("two owners", "decisions of a process after another had taken over, over all runs"),
        ("bar", "whether it reached what we demand of it"),
    ];

    /// <summary>The row of a result, a text for each column; of one that was skipped, the columns from the third on are empty.</summary>
    public static IReadOnlyList<string> Row(ScenarioResult result)
    {
        string[] head = [result.Scenario, result.Store];
        if (result.Skipped is not null) return [.. head, .. Enumerable.Repeat("", All.Count - 3), $"skipped: {result.Skipped}"];
        if (result.Runs.Count == 0) return [.. head, .. Enumerable.Repeat("", All.Count - 3), Verdict(result)];
        return
        [
            .. head,
            result.Runs.Count.ToString(CultureInfo.InvariantCulture),
            result.Spread(r => r.Recovery.Hit) is { } hit ? Number(hit.Median) : "",
            Text(result.Spread(r => r.Recovery.First)),
            Text(result.Spread(r => r.Recovery.Median)),
            Text(result.Spread(r => r.Recovery.P99)),
            result.Runs.Sum(r => r.Recovery.NeverBack) is > 0 and var never ? $"never: {Number(never)}" : Text(result.Spread(r => r.Recovery.Last)),
            Text(result.Spread(r => r.Recovery.Answered)),
            Text(result.Spread(r => r.After.P999)),
            Text(result.Spread(r => r.After.Max)),
            Number(result.Runs.Sum(r => r.Failed)),
            Number(result.Runs.Sum(r => r.OverOneSecond)),
            Number(result.Runs.Sum(r => r.Proof.Lost)),
            Number(result.Runs.Sum(r => r.Proof.Doubled)),
            Number(result.Runs.Sum(r => r.Proof.StaleReads)),
            Number(result.Runs.Sum(r => r.Proof.TwoOwners)),
            Verdict(result),
        ];
    }

    private static string Verdict(ScenarioResult result) => result.Holds switch
    {
        true => "holds",
        false => result.Broken is null ? "missed" : "broke off",
        null => "",
    };

    private static string Text(Spread? spread) => spread is null ? "–" : $"{Number(spread.Median)} [{Number(spread.Min)} .. {Number(spread.Max)}]";

    private static string Number(double value) => value.ToString("n0", CultureInfo.InvariantCulture);
}
