namespace ActorGrid.Failover;

/// <summary>Quantiles by the nearest rank: each is a value that was measured.</summary>
internal static class Quantile
{
    /// <summary>The smallest value that so many per cent do not exceed.</summary>
    /// <param name="sorted">Values in ascending order.</param>
    /// <param name="percent">More than 0, at most 100.</param>
    /// <returns>Null without any.</returns>
    public static T? Of<T>(IReadOnlyList<T> sorted, double percent)
        where T : struct => sorted.Count == 0 ? null : sorted[Math.Clamp((int)Math.Ceiling(sorted.Count * percent / 100) - 1, 0, sorted.Count - 1)];
}
