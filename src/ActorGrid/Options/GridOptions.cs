using ActorGrid.Persistence;

namespace ActorGrid;

/// <summary>How a node of a grid runs. Checked when the host starts; an error names the property.</summary>
public sealed class GridOptions
{
    /// <summary>
    /// The name of the grid, kept in its store and checked at each start, so that an application cannot open the store of another by mistake.
    /// 1 to 64 characters. Default: <c>grid</c>.
    /// </summary>
    public string Name { get; set; } = "grid";

    /// <summary>The number of shards, fixed when the store is made. 1 to 65,536. Default: 256.</summary>
    public int ShardCount { get; set; } = 256;

    /// <summary>The threads that run actors and entities. 1 to 1,024. Default: the number of processors.</summary>
    public int Workers { get; set; } = Environment.ProcessorCount;

    /// <summary>The parts of jobs that run at the same time, on threads of their own. 1 to 1,024. Default: the number of processors.</summary>
    public int JobWorkers { get; set; } = Environment.ProcessorCount;

    /// <summary>How long an ask may take if <see cref="AskOptions.Timeout"/> does not say. More than zero, at most <see cref="AskTimeoutMax"/>. Default: 10 s.</summary>
    public TimeSpan AskTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest timeout that an ask may state. More than zero, at most half of <see cref="CommandIdRetention"/>. Default: 1 min.</summary>
    public TimeSpan AskTimeoutMax { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How long the reply to a command is kept, counted from when its id was issued: within that time the same command gets the same reply, after it an
    /// <see cref="OutcomeUnknownException"/>. At least twice <see cref="AskTimeoutMax"/>, at most 30 days. Default: 10 min.
    /// </summary>
    public TimeSpan CommandIdRetention { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>The most replies that are kept in memory as well, over all shards; beyond, they are looked up in the store. 1,024 to 100,000,000. Default: 1,000,000.</summary>
    public int RepliesInMemoryMax { get; set; } = 1_000_000;

    /// <summary>The most entities in memory; beyond, those idle for the longest time go first. 1 to 100,000,000. Default: 1,000,000.</summary>
    public int EntitiesInMemoryMax { get; set; } = 1_000_000;

    /// <summary>The asks and timers that may be open on the node; further asks of local actors are refused with <see cref="Actors.OverloadedException"/>. Asks of entities count and have bounds of their
    /// own. 1 to 100,000,000. Default: 1,000,000.</summary>
    public int OpenAsksMax { get; set; } = 1_000_000;

    /// <summary>The commands that a shard has in hand at once, from when they come until they are answered; more are refused with <see cref="Actors.OverloadedException"/>. 1 to 10,000,000.
    /// Default: 10,000.</summary>
    public int CommandsPerShardMax { get; set; } = 10_000;

    /// <summary>The jobs that have not ended which the node may have, that is those whose shards it owns; further submissions to it are refused with <see cref="Actors.OverloadedException"/>. 1 to 10,000,000.
    /// Default: 100,000.</summary>
    public int JobsOpenMax { get; set; } = 100_000;

    /// <summary>How many of these may be of one submitter (<see cref="Jobs.SubmitOptions.Submitter"/>); jobs without one are of one. 1 to 10,000,000. Default: 100,000.</summary>
    public int JobsOpenPerSubmitterMax { get; set; } = 100_000;

    /// <summary>How the node takes part in a grid of several nodes.</summary>
    public GridClusterOptions Cluster { get; set; } = new();
}
