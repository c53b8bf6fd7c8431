namespace ActorGrid.Failover;

/// <summary>How long asks took, from when they were due, in milliseconds; one that failed counts with the time until it failed.</summary>
internal sealed record Latencies(int Count, double P50, double P99, double P999, double Max)
{
    public static Latencies Of(IEnumerable<Ask> asks)
    {
        double[] sorted = [.. asks.Select(a => a.Latency.TotalMilliseconds).Order()];
        return new Latencies(sorted.Length, At(50), At(99), At(99.9), At(100));

        double At(double percent) => Quantile.Of(sorted, percent) ?? 0;
    }
}
