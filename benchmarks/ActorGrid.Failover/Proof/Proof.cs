namespace ActorGrid.Failover;

/// <summary>What is shown of a run: all of it is zero unless a promise is broken.</summary>
/// <param name="Lost">Acknowledged writes that the store does not hold.</param>
/// <param name="Doubled">Numbers that it holds twice.</param>
/// <param name="StaleReads">Answers older than what had been answered before they were asked for.</param>
/// <param name="TwoOwners">Versions given to two different writes, and stale answers of one process after another had decided.</param>
/// <param name="Examples">Some of them in words.</param>
internal sealed record Proof(int Lost, int Doubled, int StaleReads, int TwoOwners, IReadOnlyList<string> Examples)
{
    public bool IsClean => Lost + Doubled + StaleReads + TwoOwners == 0;
}
