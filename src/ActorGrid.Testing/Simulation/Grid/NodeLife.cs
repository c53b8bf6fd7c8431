using ActorGrid.Actors;
using ActorGrid.Cluster;
using ActorGrid.Jobs;
using ActorGrid.Persistence;

namespace ActorGrid.Testing;

/// <summary>What runs in one process of a simulated node: the same parts that a host starts.</summary>
internal sealed class NodeLife
{
    private readonly SimulatedTransport _transport;
    private readonly JobHost _jobs;
    private readonly SubscriptionHost _subscriptions;

    private NodeLife(SimulatedProcess process, SimulatedStore store, SimulatedTransport transport, ClusterNode node, JobHost jobs, SubscriptionHost subscriptions, RunningGrid grid)
    {
        Process = process;
        Store = store;
        Node = node;
        Grid = grid;
        _transport = transport;
        _jobs = jobs;
        _subscriptions = subscriptions;
    }

    public SimulatedProcess Process { get; }

    public SimulatedStore Store { get; }

    public ClusterNode Node { get; }

    /// <summary>The grid as it is seen from here.</summary>
    public RunningGrid Grid { get; }

    /// <summary>Starts a node; runs in its process.</summary>
    public static async Task<NodeLife> StartAsync(SimulatedProcess process, SimulatedGridOptions options, int number, string endpoint)
    {
        var world = process.World;
        var database = world.Database!;
        var builder = new GridBuilder();
        options.Configure(builder);
        // By default the same on every machine: the number of processors would change the run.
        var settings = new GridOptions { JobWorkers = 2 };
        foreach (var configure in builder.Configurations) configure(settings);
        var system = new ActorSystem(new ActorSystemOptions
        {
            Name = process.Machine.Name,
            Dispatcher = process.Dispatcher,
            TimeProvider = process.Time,
            Seed = world.Random.Next(),
            LoggerFactory = TraceLogger.FactoryFor(process),
        });
        var store = database.Connect(process);
        var transport = new SimulatedTransport(process, endpoint);
        await store.OpenAsync(database.Grid, CancellationToken.None);
        var jobs = new JobHost(system, builder.Jobs, new JobRunnerOptions
        {
            Workers = settings.JobWorkers,
            NodeName = process.Machine.Name,
            JobsOpenMax = settings.JobsOpenMax,
            JobsOpenPerSubmitterMax = settings.JobsOpenPerSubmitterMax,
            WorkerDispatcher = _ => new SimulatedWorker(process),
        });
        RunningGrid grid = null!;
        IReadOnlyList<EntityType> types = [.. builder.Entities, jobs.EntityType];
        var subscriptions = new SubscriptionHost(system, store, types, [.. builder.SubscriptionsFor(() => grid).Where(static s => !s.IsProjection)]);
        var node = await ClusterNode.StartAsync(new ClusterSetting
        {
            System = system,
            Grid = database.Grid,
            Store = store,
            ClusterStore = store.Cluster,
            Transport = transport,
            Host = process.Machine.Name,
            BootClock = process.Time,
            Types = types,
            Subscriptions = subscriptions,
            TopicMessages = builder.TopicMessages,
            Options = options.Cluster(number) with { Name = process.Machine.Name },
            Entities = options.EntityHost ?? GridNode.Translate(settings),
        });
        grid = new RunningGrid(builder, node.Router, store.Journal, jobs.Start(node, store.Journal), system, node.Topics, node);
        subscriptions.Start();
        return new NodeLife(process, store, transport, node, jobs, subscriptions, grid);
    }

    /// <summary>Leaves and stops in order; runs in its process.</summary>
    public async Task StopAsync()
    {
        await _subscriptions.StopAsync();
        await _jobs.StopAsync();
        await Node.StopAsync();
        await Grid.Actors.StopAsync();
        await _transport.DisposeAsync();
    }
}
