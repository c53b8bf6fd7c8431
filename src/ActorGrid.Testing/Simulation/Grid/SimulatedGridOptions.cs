using ActorGrid.Cluster;
using ActorGrid.Persistence;

namespace ActorGrid.Testing;

/// <summary>What a simulated grid consists of, and what befalls it. Immutable.</summary>
public sealed record SimulatedGridOptions
{
    /// <summary>
    /// Says what a node consists of; the same delegate that a host gives to <c>AddActorGrid</c>. It is called for each start of each node. What it says about the
    /// store and about where to listen is left aside: the simulation has its own.
    /// </summary>
    public required Action<GridBuilder> Configure { get; init; }

    /// <summary>How many nodes there are. Default 3; from 1.</summary>
    public int Nodes { get; init; } = 3;

    /// <summary>The number of shards. Default 16: a test has few entities, and every shard costs time.</summary>
    public int ShardCount { get; init; } = 16;

    /// <summary>The bounds and times of the entities; null: what <see cref="Configure"/> says.</summary>
    internal EntityHostOptions? EntityHost { get; init; }

    /// <summary>How the node of that number, from 0, takes part in the cluster. Default: the defaults of <see cref="ClusterOptions"/>.</summary>
    public Func<int, ClusterOptions> Cluster { get; init; } = static _ => new ClusterOptions();

    /// <summary>Which faults befall the grid by chance. Default: none; a script can bring about faults of its own.</summary>
    public SimulationFaults Faults { get; init; } = SimulationFaults.None;

    /// <summary>
    /// How much virtual time a run may take. Default 10 minutes: a grid that does nothing else takes some seconds of a processor for that. A script that waits for
    /// something without a timer, while nothing is written, ends after 2 minutes already.
    /// </summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Within how much virtual time the grid has to be whole again when faults have ceased. Default 30 s.</summary>
    public TimeSpan WholeWithin { get; init; } = TimeSpan.FromSeconds(30);
}
