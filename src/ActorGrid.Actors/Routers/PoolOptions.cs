namespace ActorGrid.Actors;

/// <summary>A pool of like actors behind one reference.</summary>
public sealed record PoolOptions
{
    /// <summary>Makes a pool.</summary>
    /// <param name="routees">How many actors share the work at first, from 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="routees"/> is less than 1.</exception>
    public PoolOptions(int routees)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(routees, 1);
        Routees = routees;
    }

    /// <summary>How many actors share the work at first.</summary>
    public int Routees { get; }

    /// <summary>How the pool decides for failed routees. Default: <see cref="SupervisionStrategy.Restarting"/>. A routee that was stopped is left out.</summary>
    public SupervisionStrategy Supervision { get; init; } = SupervisionStrategy.Restarting;

    /// <summary>How the routees differ from plain actors. Default: they do not.</summary>
    public SpawnOptions? Routee { get; init; }

    /// <summary>Lets the pool grow and shrink by itself. Default: null, it does so only when told to by <see cref="PoolRef{TMessage}.Resize"/>. <see cref="Routees"/> must be within its bounds.</summary>
    public PoolResizing? Resizing
    {
        get;
        init => field = value is null || (Routees >= value.RouteesMin && Routees <= value.RouteesMax)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, $"{nameof(Routees)} is {Routees}, which is not within the bounds of {nameof(Resizing)}, {value.RouteesMin} to {value.RouteesMax}.");
    }
}
