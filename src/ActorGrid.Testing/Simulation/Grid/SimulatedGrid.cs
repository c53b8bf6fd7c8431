using ActorGrid.Actors;
using ActorGrid.Cluster;
using ActorGrid.Jobs;
using ActorGrid.Persistence;

namespace ActorGrid.Testing;

/// <summary>
/// A grid of many nodes with its network, its database and its clocks, on one thread and driven by one seed: the same seed gives the same run, event by event.
/// </summary>
/// <remarks>
/// For the script that <see cref="Run"/> or <see cref="RunSeeds"/> is given, which is plain asynchronous code; its time is virtual. As <see cref="IGrid"/> it is
/// the grid as seen from a client outside of all nodes, which no fault befalls but partitions.
/// </remarks>
public sealed partial class SimulatedGrid : IGrid
{
    private const int AskedMax = 1000;

    private readonly Nemesis _nemesis;
    private readonly SimulatedNode[] _nodes;
    private readonly SimulatedNode[] _clients;
    private readonly HashSet<EntityId> _asked = [];
    private int _asks;

    internal SimulatedGrid(World world, SimulatedGridOptions options)
    {
        World = world;
        Options = options;
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Nodes, 1, nameof(options));
        world.Database = new SimulatedDatabase(world, new GridIdentity("simulated", options.ShardCount));
        Journal = new JournalChecker(world.Database.Grid);
        world.Database.Observers.Add(Journal);
        world.Database.Observers.Add(JobJournal);
        _nodes = [.. Enumerable.Range(0, options.Nodes).Select(i => new SimulatedNode(this, i, $"n{i}", isClient: false))];
        _clients = [new SimulatedNode(this, options.Nodes, "client", isClient: true)];
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

    internal JobChecker JobJournal { get; } = new();

    internal IReadOnlyList<SimulatedNode> Clients => _clients;

    /// <summary>The entities that the script has asked, at most <see cref="AskedMax"/>.</summary>
    internal IReadOnlySet<EntityId> Asked => _asked;

    internal EntityId? LastAsked { get; private set; }

    /// <summary>When the grid was whole and the script began; null: it has not.</summary>
    internal TimeSpan? ScriptBeganAt { get; private set; }

    internal int LeavesEnded { get; set; }

    internal IReadOnlyDictionary<string, int> FaultCounts => _nemesis.Counts;

    /// <summary>The jobs: to submit with more options, to find and to list.</summary>
    public JobClient Jobs => Client.Jobs;

    /// <summary>The local actors of the client.</summary>
    public ActorSystem Actors => Client.Actors;

    /// <summary>The topics, as the client reaches them.</summary>
    public ITopics Topics => Client.Topics;

    /// <summary>The newest view that the client has seen.</summary>
    public ClusterView? View => Client.View;

    private RunningGrid Client => _clients[0].Current?.Grid ?? throw new InvalidOperationException("The simulated grid has not started yet: use it in the script.");

    /// <inheritdoc/>
    public EntityRef<TEntity> Entity<TEntity>(string key)
        where TEntity : Entity => Entity<TEntity>(key, _clients[0]);

    /// <summary>An entity, asked from a node. If that dies, who has asked there gets a <see cref="ProcessDiedException"/>.</summary>
    /// <param name="key">Which one: 1 to 256 characters, no control characters.</param>
    /// <param name="from">The node.</param>
    /// <typeparam name="TEntity">The entity class.</typeparam>
    /// <exception cref="ArgumentException">The key is not allowed.</exception>
    /// <exception cref="InvalidOperationException">The class was not added in <see cref="SimulatedGridOptions.Configure"/>.</exception>
    public EntityRef<TEntity> Entity<TEntity>(string key, SimulatedNode from)
        where TEntity : Entity => new(new OutsideRouter(this, from), Client.IdOf<TEntity>(key));

    /// <inheritdoc/>
    /// <remarks>The script reads what the database holds, at once, whatever fault there is.</remarks>
    public EntityHistory History<TEntity>(string key)
        where TEntity : Entity => new(World.Database!.Memory.Journal, Client.TypeOf<TEntity>(), key);

    /// <inheritdoc/>
    public Task<JobHandle<TResult>> SubmitAsync<TResult>(Job<TResult> job, string? id = null, CancellationToken cancellationToken = default)
        where TResult : notnull => SubmitAsync(job, new SubmitOptions { Id = id }, cancellationToken);

    /// <inheritdoc/>
    public async Task<JobHandle<TResult>> SubmitAsync<TResult>(Job<TResult> job, SubmitOptions options, CancellationToken cancellationToken = default)
        where TResult : notnull
    {
        var handle = await Client.SubmitAsync(job, options, cancellationToken);
        var entity = EntityId.Create("job", $"{handle.Type}/{handle.Id}");
        OnAsk(entity);
        World.Note(entity, "SCRIPT has submitted the job", _clients[0].Machine.Number);
        return handle;
    }

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

    /// <summary>The script asks an entity.</summary>
    /// <returns>The number of the ask.</returns>
    internal int OnAsk(EntityId entity)
    {
        LastAsked = entity;
        if (_asked.Count < AskedMax) _asked.Add(entity);
        return ++_asks;
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
}
