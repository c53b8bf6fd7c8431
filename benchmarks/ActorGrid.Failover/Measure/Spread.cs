namespace ActorGrid.Failover;

/// <summary>A figure over repeated runs.</summary>
internal sealed record Spread(double Min, double Median, double Max)
{
    /// <summary>The spread of some values.</summary>
    /// <returns>Null if a run has no such figure, or there is no run.</returns>
    public static Spread? Of(IEnumerable<double?> values)
    {
        double?[] all = [.. values];
        if (all.Length == 0 || all.Contains(null)) return null;
        double[] sorted = [.. all.Select(v => v!.Value).Order()];
        double median = sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
        return new Spread(sorted[0], median, sorted[^1]);
    }
}
