namespace ActorGrid.Jobs;

/// <summary>How long to wait before a further attempt: twice as long each time up to a bound, half of it left to chance so that failures do not come back in step.</summary>
internal static class Backoff
{
    /// <summary>The wait before the next attempt.</summary>
    /// <param name="min">The wait after the first failure, before chance.</param>
    /// <param name="max">The longest wait.</param>
    /// <param name="failures">How many attempts have failed, from 1.</param>
    /// <param name="random">The source of chance.</param>
    public static TimeSpan After(TimeSpan min, TimeSpan max, int failures, Random random)
    {
        double ticks = Math.Min(min.Ticks * Math.Pow(2, failures - 1), max.Ticks);
        return TimeSpan.FromTicks((long)(ticks * (1 - (random.NextDouble() / 2))));
    }
}
