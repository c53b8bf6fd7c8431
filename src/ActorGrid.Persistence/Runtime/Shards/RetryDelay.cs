namespace ActorGrid.Persistence;

/// <summary>How long to wait before something is tried again: 10 ms, doubled with each failure in a row, at most 1 s.</summary>
internal static class RetryDelay
{
    public static TimeSpan After(int failures) => TimeSpan.FromMilliseconds(Math.Min(1000, 10 << Math.Min(Math.Max(0, failures - 1), 10)));
}
