namespace ActorGrid.Failover;

/// <summary>A run in which nodes are killed and stopped at random.</summary>
/// <param name="Stage">The grid and its load.</param>
/// <param name="Duration">For how long.</param>
/// <param name="Seed">Decides what happens when; what the processes make of it is theirs.</param>
internal sealed record ChaosOptions(StageOptions Stage, TimeSpan Duration, int Seed);

/// <summary>What came of it.</summary>
/// <param name="Faults">What was done, in words.</param>
/// <param name="Result">What it did to the requests, and the proof.</param>
internal sealed record ChaosResult(IReadOnlyList<string> Faults, RunResult Result)
{
    public bool IsClean => Result is { Failed: 0, Proof.IsClean: true };

    public string Describe() => string.Join('\n',
    [
        FormattableString.Invariant($"{Result.Asks} requests, {Result.Failed} failed, {Result.OverOneSecond} took more than a second, the slowest {Result.After.Max:f0} ms"),
        FormattableString.Invariant($"lost {Result.Proof.Lost}, doubled {Result.Proof.Doubled}, stale {Result.Proof.StaleReads}, two owners {Result.Proof.TwoOwners}"),
        .. Result.Failures.Concat(Result.Proof.Examples),
    ]);
}
