namespace ActorGrid.Failover;

/// <summary>What one run of a scenario showed.</summary>
/// <param name="Recovery">When entities answered again.</param>
/// <param name="Before">Latencies before the fault.</param>
/// <param name="After">Latencies of what was due from the fault on.</param>
/// <param name="Asks">How many requests there were in all.</param>
/// <param name="Failed">How many of them failed.</param>
/// <param name="OverOneSecond">How many of those that were answered took longer than a second.</param>
/// <param name="Failures">Some failures in words.</param>
/// <param name="Proof">What was lost, doubled, stale.</param>
/// <param name="Timeline">Around the fault.</param>
internal sealed record RunResult(
    Recovery Recovery, Latencies Before, Latencies After, int Asks, int Failed, int OverOneSecond, IReadOnlyList<string> Failures, Proof Proof, Timeline Timeline)
{
    private static readonly TimeSpan DrawnBefore = TimeSpan.FromSeconds(2);

    // What was due shortly before the fault may have been under way at it.
    private static readonly TimeSpan UnderWay = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan SliceWidth = TimeSpan.FromMilliseconds(50);

    /// <summary>Measures a run.</summary>
    /// <param name="log">What the client saw.</param>
    /// <param name="ledgers">What the store holds at the end.</param>
    /// <param name="fault">When the fault was made.</param>
    /// <param name="drawnAfter">How much of what follows it is drawn.</param>
    public static RunResult Of(AskLog log, IReadOnlyList<Ledger> ledgers, TimeSpan fault, TimeSpan drawnAfter)
    {
        var asks = log.Asks;
        return new RunResult(
            Recovery.Of(asks, fault),
            Latencies.Of(asks.Where(a => a.Due < fault - UnderWay && a.Due >= fault - DrawnBefore)),
            Latencies.Of(asks.Where(a => a.Due >= fault)),
            asks.Count,
            asks.Count(a => !a.IsAnswered),
            asks.Count(a => a.IsAnswered && a.Latency > TimeSpan.FromSeconds(1)),
            log.Failures,
            Prover.Prove(asks, ledgers),
            Timeline.Of(asks, fault, DrawnBefore, drawnAfter, SliceWidth));
    }
}
