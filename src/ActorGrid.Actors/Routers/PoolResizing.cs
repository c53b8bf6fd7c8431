namespace ActorGrid.Actors;

/// <summary>When a pool grows and shrinks by itself. Immutable data and a pure decision.</summary>
/// <remarks>At every look the pool grows by half if more than <see cref="WaitingPerRoutee"/> messages wait for each routee on average, and gives up one routee if no message waits and one of them is doing nothing.
/// Routees that have stopped are replaced if fewer than <see cref="RouteesMin"/> are left.</remarks>
public sealed record PoolResizing
{
    /// <summary>Sets the bounds.</summary>
    /// <param name="routeesMin">How many routees there are at least, from 1.</param>
    /// <param name="routeesMax">How many there are at most; not less than <paramref name="routeesMin"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="routeesMin"/> is less than 1, or <paramref name="routeesMax"/> is less than that.</exception>
    public PoolResizing(int routeesMin, int routeesMax)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(routeesMin, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(routeesMax, routeesMin);
        RouteesMin = routeesMin;
        RouteesMax = routeesMax;
    }

    /// <summary>How many routees there are at least.</summary>
    public int RouteesMin { get; }

    /// <summary>How many routees there are at most. Those that are taken away and have not come to their end yet are not counted.</summary>
    public int RouteesMax { get; }

    /// <summary>How often the pool looks, by the clock of the system. Default one second; more than zero.</summary>
    public TimeSpan Interval
    {
        get;
        init => field = value > TimeSpan.Zero ? value : throw new ArgumentOutOfRangeException(nameof(value), value, $"{nameof(Interval)} must be more than zero.");
    } = TimeSpan.FromSeconds(1);

    /// <summary>How many messages may wait for each routee, on average, before the pool grows. Default 10; zero or more.</summary>
    public int WaitingPerRoutee
    {
        get;
        init => field = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, $"{nameof(WaitingPerRoutee)} must not be negative.");
    } = 10;

    /// <summary>How many there are to be, after a look at how many there are, for how many messages wait in all, and how many do nothing.</summary>
    internal int Decide(int routees, long waiting, int idle)
    {
        int wanted = routees;
        if (waiting > (long)routees * WaitingPerRoutee) wanted += Math.Max(1, routees / 2);
        else if (waiting == 0 && idle > 0) wanted--;
        return Math.Clamp(wanted, RouteesMin, RouteesMax);
    }
}
