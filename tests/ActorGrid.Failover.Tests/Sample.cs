namespace ActorGrid.Failover.Tests;

/// <summary>Asks and runs to measure.</summary>
internal static class Sample
{
    /// <summary>An ask of entity 0 that was answered; times in milliseconds.</summary>
    public static Ask Answered(double due, double ended, int number = 0, long version = 1, int owner = 1, int entity = 0, double? sent = null) =>
        new(entity, number, Ms(due), Ms(sent ?? due), Ms(ended), Outcome.Answered, new Reading(version, owner));

    public static Ask Failed(double due, double ended, int number = 0, int entity = 0) =>
        new(entity, number, Ms(due), Ms(due), Ms(ended), Outcome.TimedOut, default);

    public static TimeSpan Ms(double ms) => TimeSpan.FromMilliseconds(ms);

    public static Ledger LedgerOf(params int[] numbers)
    {
        var counter = new Counter();
        return counter.Replay(numbers.Select(n => new Added(n)));
    }

    /// <summary>A run in which the first entity was away for so long after the fault at 5 s, and nothing else happened.</summary>
    public static RunResult Run(double awayMs)
    {
        Ask[] asks = [.. Enumerable.Range(0, 100).Select(i => Answered(i * 100, i >= 50 && i * 100 < 5_000 + awayMs ? 5_000 + awayMs : (i * 100) + 2, version: 0))];
        return RunResult.Of(new AskLog(asks, []), [LedgerOf()], Ms(5_000), Ms(4_000));
    }

    public static ScenarioResult Result(params RunResult[] runs) =>
        new("kill", "One node is killed", "PostgreSQL", new Bar(LastMedianMs: 300, LastMaxMs: 600), Skipped: null, runs);
}
