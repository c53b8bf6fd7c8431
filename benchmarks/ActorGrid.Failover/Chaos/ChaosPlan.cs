namespace ActorGrid.Failover;

/// <summary>Draws what happens next.</summary>
/// <remarks>
/// Requests have ten seconds, so the plan leaves the grid a chance: two nodes at most are away at once, and from one stop to the next there is more than a lease, since an entity that is
/// hit by one stop after the other waits for one lease after the other.
/// </remarks>
internal sealed class ChaosPlan(int seed, int nodes)
{
    public static readonly TimeSpan BetweenStops = TimeSpan.FromSeconds(4.5);

    private const int AwayMax = 2;

    private readonly Random _random = new(seed);
    private TimeSpan _lastStop = -BetweenStops;

    /// <summary>What happens next.</summary>
    /// <param name="at">The time since the begin.</param>
    /// <param name="away">The indices of the nodes that are away.</param>
    public ChaosStep Next(TimeSpan at, IReadOnlySet<int> away)
    {
        var pause = TimeSpan.FromMilliseconds(_random.Next(200, 2_500));
        bool wantsStop = _random.Next(2) == 0;
        int[] there = [.. Enumerable.Range(0, nodes).Where(n => !away.Contains(n))];
        int node = there[_random.Next(there.Length)];
        var awayFor = TimeSpan.FromMilliseconds(_random.Next(100, wantsStop ? 7_000 : 2_000));
        if (away.Count >= Math.Min(AwayMax, nodes - 1)) return new ChaosStep(pause, Fault: null);
        if (wantsStop && at - _lastStop < BetweenStops) return new ChaosStep(pause, Fault: null);
        if (wantsStop) _lastStop = at;
        return new ChaosStep(pause, new ChaosFault(node, wantsStop, awayFor));
    }
}

/// <summary>A step of the plan.</summary>
/// <param name="Pause">How long until the next step.</param>
/// <param name="Fault">What to do; null: nothing.</param>
internal readonly record struct ChaosStep(TimeSpan Pause, ChaosFault? Fault);

/// <summary>A fault of a node.</summary>
/// <param name="Node">The index of the node.</param>
/// <param name="IsStop">Stopped, and going on later; else killed, and started again later.</param>
/// <param name="AwayFor">How much later.</param>
internal sealed record ChaosFault(int Node, bool IsStop, TimeSpan AwayFor);
