namespace ActorGrid.Cluster;

/// <summary>Times at which something falls due, by the node's clock.</summary>
internal static class Moments
{
    /// <summary>How long until the first of them that is still to come; null: there is none.</summary>
    public static TimeSpan? UntilNext(this IEnumerable<TimeSpan?> moments, TimeSpan now) => moments.Where(moment => moment > now).Min() - now;
}
