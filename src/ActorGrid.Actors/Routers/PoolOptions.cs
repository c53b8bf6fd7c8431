namespace ActorGrid.Actors;

/// <summary>A pool of like actors behind one reference.</summary>
public sealed record PoolOptions
{
    /// <summary>More is a mistake, or should be actors with names of their own: several choices look at every routee for every message.</summary>
    internal const int RouteesLimit = 10_000;

    /// <summary>Makes a pool.</summary>
    /// <param name="routees">How many actors share the work at first, 1 to 10,000.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="routees"/> is less than 1 or more than 10,000.</exception>
    public PoolOptions(int routees)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(routees, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(routees, RouteesLimit);
        Routees = routees;
    }

    /// <summary>How many actors share the work at first.</summary>
    public int Routees { get; }

    /// <summary>How the pool decides for failed routees. Default: <see cref="SupervisionStrategy.Restarting"/>. A routee that was stopped is left out.</summary>
    public SupervisionStrategy Supervision { get; init; } = SupervisionStrategy.Restarting;

    /// <summary>How the routees differ from plain actors. Default: they do not.</summary>
    public SpawnOptions? Routee { get; init; }

    /// <summary>Lets the pool grow and shrink by itself. Default: null, it does so only when told to by <see cref="PoolRef{TMessage}.Resize"/>. <see cref="Routees"/> must be within its bounds.</summary>
    /// <remarks>Only a routee is given up that is idle and has nothing in its stash at the moment. What it has arranged for later ends with it, as at any stop: its timers do not fire any more, the
    /// outcome of a task that it pipes to itself becomes a dead letter, and its children are stopped. Do not let a pool shrink by itself whose routees rely on that.</remarks>
    public PoolResizing? Resizing
    {
        get;
        init => field = value is null || (Routees >= value.RouteesMin && Routees <= value.RouteesMax)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, $"{nameof(Routees)} is {Routees}, which is not within the bounds of {nameof(Resizing)}, {value.RouteesMin} to {value.RouteesMax}.");
    }

    /// <summary>A sender may have chosen a routee just before it was taken away, and lose its processor before it has sent. After this long it will nearly always have sent.</summary>
    internal TimeSpan BeforeRetiring { get; init; } = TimeSpan.FromSeconds(1);
}
