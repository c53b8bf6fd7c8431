using System.Diagnostics;

namespace ActorGrid.Failover;

/// <summary>The monotonic clock of the host, which is the same in all of its processes: so the client's times can be set beside the moment of a fault that another process made.</summary>
internal static class HostClock
{
    public static TimeSpan Now => Stopwatch.GetElapsedTime(0);
}
