namespace ActorGrid.Cluster.Tests;

/// <summary>The time since boot, for a host that a test may suspend.</summary>
internal sealed class TestBootClock(TimeProvider time) : IBootClock
{
    public TimeSpan Suspended { get; set; }

    public TimeSpan Uptime => time.GetElapsedTime(0) + Suspended;
}
