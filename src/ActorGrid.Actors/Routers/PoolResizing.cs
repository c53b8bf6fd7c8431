namespace ActorGrid.Actors;

/// <summary>When a pool grows and shrinks by itself. Immutable data and a pure decision.</summary>
/// <remarks>At every look the pool grows by half if more than <see cref="WaitingPerRoutee"/> messages wait for each routee on average, and gives up one routee if no message waits and one of them is
/// doing nothing and has nothing in its stash. Of those, it is the one in the highest slot; with a choice that goes by slots (a consistent hash, weights) only the highest of all slots is given up.
/// Routees that have stopped are replaced if fewer than <see cref="RouteesMin"/> are left.</remarks>
public sealed record PoolResizing
{
    /// <summary>Sets the bounds.</summary>
    /// <param name="routeesMin">How many routees there are at least, from 1.</param>
    /// <param name="routeesMax">How many there are at most; not less than <paramref name="routeesMin"/>, up to 10,000.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="routeesMin"/> is less than 1, or <paramref name="routeesMax"/> is less than that or more than 10,000.</exception>
    public PoolResizing(int routeesMin, int routeesMax)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(routeesMin, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(routeesMax, routeesMin);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(routeesMax, PoolOptions.RouteesLimit);
        RouteesMin = routeesMin;
        RouteesMax = routeesMax;
    }

    /// <summary>How many routees there are at least.</summary>
    public int RouteesMin { get; }

    /// <summary>How many routees there are at most, those that were taken away and have not come to their end yet among them: the pool does not grow beyond it by itself, unless to have
    /// <see cref="RouteesMin"/>.</summary>
    public int RouteesMax { get; }

    /// <summary>How often the pool looks, by the clock of the system. Default one second; more than zero.</summary>
    public TimeSpan Interval
    {
        get;
        init => field = value > TimeSpan.Zero ? value : throw new ArgumentOutOfRangeException(nameof(value), value, $"{nameof(Interval)} must be more than zero.");
    } = TimeSpan.FromSeconds(1);

    /// <summary>How many messages may wait for each routee, on average, before the pool grows. Default 10; zero or more, and less than the <see cref="SpawnOptions.MailboxCapacity"/> of the routees if
    /// they have one: a pool whose mailboxes are full before it would grow is refused.</summary>
    public int WaitingPerRoutee
    {
        get;
        init => field = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, $"{nameof(WaitingPerRoutee)} must not be negative.");
    } = 10;

    /// <summary>How many there are to be, after a look at how many there are, how many are coming to their end, how many messages wait in all, and how many routees could be spared.</summary>
    internal int Decide(int routees, int ending, long waiting, int spare)
    {
        int wanted = routees;
        if (waiting > (long)routees * WaitingPerRoutee) wanted += Math.Max(1, routees / 2);
        else if (waiting == 0 && spare > 0) wanted--;
        wanted = Math.Min(wanted, Math.Max(routees, RouteesMax - ending));
        return Math.Clamp(wanted, RouteesMin, RouteesMax);
    }
}
