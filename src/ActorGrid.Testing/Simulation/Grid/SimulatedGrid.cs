using ActorGrid.Persistence;

namespace ActorGrid.Testing;

/// <summary>
/// A grid of many nodes with its network, its database and its clocks, on one thread and driven by one seed: the same seed gives the same run, event by event.
/// </summary>
/// <remarks>For the script that <see cref="Run"/> is given, which is plain asynchronous code; its time is virtual.</remarks>
public sealed class SimulatedGrid
{
    private readonly Nemesis _nemesis;
    private readonly SimulatedNode[] _nodes;
    private readonly SimulatedNode[] _clients;
    private readonly Dictionary<Type, string> _names;

    internal SimulatedGrid(World world, SimulatedGridOptions options)
    {
        World = world;
        Options = options;
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Nodes, 1, nameof(options));
        world.Database = new SimulatedDatabase(world, new GridIdentity("simulated", options.ShardCount));
        Journal = new JournalChecker(world.Database.Grid);
        world.Database.Observers.Add(Journal);
        _nodes = [.. Enumerable.Range(0, options.Nodes).Select(i => new SimulatedNode(this, i, $"n{i}", isClient: false))];
        _clients = [new SimulatedNode(this, options.Nodes, "client", isClient: true)];
        var builder = new GridBuilder();
        options.Configure(builder);
        _names = builder.Entities.ToDictionary(type => type.EntityClass, type => type.Name);
        _nemesis = new Nemesis(this, options.Faults);
    }

    /// <summary>The seed that decides everything.</summary>
    public int Seed => (int)World.Seed;

    /// <summary>The nodes, in the order of their names.</summary>
    public IReadOnlyList<SimulatedNode> Nodes => _nodes;

    /// <summary>The virtual time since the beginning.</summary>
    public TimeSpan Elapsed => new(World.NowTicks);

    /// <summary>Chance that comes from the seed, for scripts.</summary>
    public Random Random => World.Random;

    /// <summary>The virtual clock, for <c>Task.Delay</c> and the like.</summary>
    public TimeProvider Time => World.Outside.Time;

    internal World World { get; }

    internal SimulatedGridOptions Options { get; }

    internal JournalChecker Journal { get; }

    internal IReadOnlyList<SimulatedNode> Clients => _clients;

    internal EntityId? LastAsked { get; set; }

    internal int LeavesEnded { get; set; }

    internal IReadOnlyDictionary<string, int> FaultCounts => _nemesis.Counts;

    /// <summary>An entity, asked from a client outside of all nodes, which no fault befalls but partitions.</summary>
    /// <param name="key">Which one of its type.</param>
    /// <typeparam name="TEntity">The entity class.</typeparam>
    public EntityRef<TEntity> Entity<TEntity>(string key)
        where TEntity : Entity => Entity<TEntity>(key, _clients[0]);

    /// <summary>An entity, asked from a node. If that dies, who has asked there gets a <see cref="ProcessDiedException"/>.</summary>
    /// <param name="key">Which one of its type.</param>
    /// <param name="from">The node.</param>
    /// <typeparam name="TEntity">The entity class.</typeparam>
    public EntityRef<TEntity> Entity<TEntity>(string key, SimulatedNode from)
        where TEntity : Entity => new(new OutsideRouter(this, from), EntityId.Create(NameOf(typeof(TEntity)), key));

    /// <summary>Waits, in virtual time.</summary>
    public Task DelayAsync(TimeSpan delay) => Task.Delay(delay, Time);

    /// <summary>Puts words on the trace, for whoever reads it when a run fails.</summary>
    public void Note(string words) => World.Say(TraceKind.Note, words);

    /// <summary>Waits until something is so.</summary>
    /// <param name="condition">Looked at every 20 ms of virtual time.</param>
    /// <param name="what">What is missing until then, for the failure.</param>
    /// <param name="within">How long at most.</param>
    /// <exception cref="SimulationStuckException">It did not come about in time.</exception>
    public Task UntilAsync(Func<bool> condition, string what, TimeSpan within)
    {
        ArgumentNullException.ThrowIfNull(condition);
        return UntilNothingAsync(() => condition() ? null : what, within);
    }

    /// <summary>From now on the faults of the options come.</summary>
    public void BeginFaults() => _nemesis.Begin();

    /// <summary>Ends all faults, starts all nodes that are down, and waits until the grid is whole: all nodes are up, and each shard has its owner.</summary>
    /// <exception cref="SimulationStuckException">It was not whole within <see cref="SimulatedGridOptions.WholeWithin"/>.</exception>
    public async Task CalmAsync()
    {
        _nemesis.Calm();
        foreach (var node in _nodes) node.BeginStart();
        await UntilWholeAsync();
    }

    /// <summary>Runs a script against a new grid. When it fails, the same run is made again with its trace kept, so that the failure can be explained.</summary>
    /// <param name="seed">Decides everything.</param>
    /// <param name="options">What the grid consists of, and what befalls it.</param>
    /// <param name="script">Runs once all nodes are up; it must hold no state from an earlier run.</param>
    /// <exception cref="SimulationFailedException">The script has failed, or the grid has broken a promise; the message names the seed and shows the trace.</exception>
    public static void Run(int seed, SimulatedGridOptions options, Func<SimulatedGrid, Task> script)
    {
        if (TryRun(seed, options, script, isRecorded: false, out _) is null) return;
        var failure = TryRun(seed, options, script, isRecorded: true, out var grid);
        throw SimulationFailedException.Of(grid, failure);
    }

    internal static Exception? TryRun(int seed, SimulatedGridOptions options, Func<SimulatedGrid, Task> script, bool isRecorded, out SimulatedGrid grid)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(script);
        var world = new World((uint)seed, isRecorded);
        grid = new SimulatedGrid(world, options);
        var simulated = grid;
        try
        {
            world.Run(
                async () =>
                {
                    foreach (var node in simulated._nodes.Concat(simulated._clients)) node.BeginStart();
                    await simulated.UntilWholeAsync();
                    simulated.BeginFaults();
                    await script(simulated);
                },
                options.TimeLimit);
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }

    internal SimulatedNode? NodeOn(int machine)
    {
        foreach (var node in _nodes)
        {
            if (node.Machine.Number == machine) return node;
        }
        return null;
    }

    private Task UntilWholeAsync() => UntilNothingAsync(() => Wholeness.WhyNot(this) is { } why ? $"the grid is not whole: {why}" : null, Options.WholeWithin);

    private async Task UntilNothingAsync(Func<string?> missing, TimeSpan within)
    {
        long deadline = World.NowTicks + within.Ticks;
        while (missing() is { } what)
        {
            if (World.NowTicks >= deadline) throw new SimulationStuckException($"{within} of virtual time have passed, and still: {what}.");
            await DelayAsync(TimeSpan.FromMilliseconds(20));
        }
    }

    private string NameOf(Type entityClass) => _names.TryGetValue(entityClass, out string? name)
        ? name
        : throw new InvalidOperationException($"{entityClass.Name} is not an entity type of this grid: add it in {nameof(SimulatedGridOptions.Configure)}.");
}
