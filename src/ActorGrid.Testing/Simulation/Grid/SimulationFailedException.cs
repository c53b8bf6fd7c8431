namespace ActorGrid.Testing;

/// <summary>A run of a simulation has failed. The message names the seed, which gives the same run again, and shows what happened.</summary>
public sealed class SimulationFailedException : Exception
{
    private SimulationFailedException(int seed, string message, Exception? cause)
        : base(message, cause) => Seed = seed;

    /// <summary>The seed.</summary>
    public int Seed { get; }

    internal static SimulationFailedException Of(SimulatedGrid grid, Exception? failure)
    {
        if (failure is null)
        {
            return new SimulationFailedException(
                grid.Seed,
                $"Seed {grid.Seed} failed, and then did not: the script, or what it tests, keeps state from run to run or takes chance or time from outside the simulation.", cause: null);
        }
        return new SimulationFailedException(grid.Seed, $"Seed {grid.Seed}: {failure.Message}\n\n{Explanation.Of(grid, failure)}", failure);
    }
}

/// <summary>A grid has broken a promise.</summary>
/// <param name="message">What is wrong.</param>
/// <param name="shard">The shard at fault, if it is one; -1: none.</param>
/// <param name="entity">The entity at fault, if it is one.</param>
internal sealed class PromiseBrokenException(string message, int shard = -1, Persistence.EntityId? entity = null) : Exception(message)
{
    public int Shard { get; } = shard;

    public Persistence.EntityId? Entity { get; } = entity;
}
