namespace ActorGrid.Failover;

/// <summary>All that a call of the program has measured.</summary>
/// <param name="Machine">Where, and when.</param>
/// <param name="Load">The load, in words.</param>
/// <param name="Results">By store and scenario.</param>
internal sealed record Report(Machine Machine, string Load, IReadOnlyList<ScenarioResult> Results);
