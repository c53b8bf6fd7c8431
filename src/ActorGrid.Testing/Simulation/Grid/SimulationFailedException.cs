namespace ActorGrid.Testing;

/// <summary>A run of a simulation has failed. The message names the seed, which gives the same run again, and shows what happened.</summary>
public sealed class SimulationFailedException : Exception
{
    private SimulationFailedException(int seed, string message, Exception? cause)
        : base(message, cause) => Seed = seed;

    /// <summary>The seed.</summary>
    public int Seed { get; }

    /// <summary>The failure of a run, explained.</summary>
    /// <param name="grid">The grid of the second run, which was recorded.</param>
    /// <param name="failure">How the first run failed.</param>
    /// <param name="again">How the second failed; null: it did not.</param>
    /// <param name="repetition">How the second run is to the first.</param>
    internal static SimulationFailedException Of(SimulatedGrid grid, Exception failure, Exception? again, string repetition)
    {
        string head = again is null ? $"Seed {grid.Seed} failed, and then did not: {failure.Message}" : $"Seed {grid.Seed}: {failure.Message}";
        return new SimulationFailedException(grid.Seed, $"{head}\n\n{repetition}\n\n{Explanation.Of(grid, again ?? failure)}", failure);
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
