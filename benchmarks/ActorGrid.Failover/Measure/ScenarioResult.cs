namespace ActorGrid.Failover;

/// <summary>What repeated runs of a scenario on a store showed.</summary>
/// <param name="Scenario">The scenario's name.</param>
/// <param name="Title">What it does, in a line.</param>
/// <param name="Store">The kind of the store.</param>
/// <param name="Bar">What it is measured by.</param>
/// <param name="Skipped">Why it was not run; null: it was.</param>
/// <param name="Runs">The runs.</param>
internal sealed record ScenarioResult(string Scenario, string Title, string Store, Bar Bar, string? Skipped, IReadOnlyList<RunResult> Runs)
{
    /// <summary>What kept the last run from coming to its end; null: nothing.</summary>
    public string? Broken { get; init; }

    public bool IsClean => Runs.All(r => r.Failed == 0 && r.Proof.IsClean && r.Recovery.NeverBack == 0);

    /// <summary>Whether the bar holds; null if there is nothing to judge by.</summary>
    public bool? Holds => Broken is not null ? false : Runs.Count == 0 ? null : IsClean && Bar.Holds(Runs);

    /// <summary>A figure over the runs.</summary>
    /// <returns>Null if some run has none.</returns>
    public Spread? Spread(Func<RunResult, double?> figure) => Failover.Spread.Of(Runs.Select(figure));
}
