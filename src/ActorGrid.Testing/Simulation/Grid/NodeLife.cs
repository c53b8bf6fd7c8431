using ActorGrid.Actors;
using ActorGrid.Cluster;
using ActorGrid.Jobs;

namespace ActorGrid.Testing;

/// <summary>What runs in one process of a simulated node: the same parts that a host starts.</summary>
internal sealed class NodeLife
{
    private readonly SimulatedTransport _transport;
    private readonly JobHost _jobs;

    private NodeLife(SimulatedProcess process, SimulatedStore store, SimulatedTransport transport, ClusterNode node, JobHost jobs, RunningGrid grid)
    {
        Process = process;
        Store = store;
        Node = node;
        Grid = grid;
        _transport = transport;
        _jobs = jobs;
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
        var node = await ClusterNode.StartAsync(new ClusterSetting
        {
            System = system,
            Grid = database.Grid,
            Store = store,
            ClusterStore = store.Cluster,
            Transport = transport,
            Host = process.Machine.Name,
            BootClock = process.Time,
            Types = [.. builder.Entities, jobs.EntityType],
            TopicMessages = builder.TopicMessages,
            Options = options.Cluster(number) with { Name = process.Machine.Name },
            Entities = options.EntityHost ?? GridNode.Translate(settings),
        });
        var grid = new RunningGrid(builder, node.Router, store.Journal, jobs.Start(node, store.Journal), system, node.Topics, node);
        return new NodeLife(process, store, transport, node, jobs, grid);
    }

    /// <summary>Leaves and stops in order; runs in its process.</summary>
    public async Task StopAsync()
    {
        await _jobs.StopAsync();
        await Node.StopAsync();
        await Grid.Actors.StopAsync();
        await _transport.DisposeAsync();
    }
}
