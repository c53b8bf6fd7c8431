namespace ActorGrid.Actors;

/// <summary>A pool of like actors behind one reference.</summary>
public sealed record PoolOptions
{
    /// <summary>Makes a pool.</summary>
    /// <param name="routees">How many actors share the work, from 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="routees"/> is less than 1.</exception>
    public PoolOptions(int routees)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(routees, 1);
        Routees = routees;
    }

    /// <summary>How many actors share the work.</summary>
    public int Routees { get; }

    /// <summary>How the pool decides for failed routees. Default: <see cref="SupervisionStrategy.Restarting"/>. A routee that was stopped is left out.</summary>
    public SupervisionStrategy Supervision { get; init; } = SupervisionStrategy.Restarting;

    /// <summary>How the routees differ from plain actors. Default: they do not.</summary>
    public SpawnOptions? Routee { get; init; }
}
