using ActorGrid.Actors;
using ActorGrid.Cluster;

namespace ActorGrid.Testing;

/// <summary>What runs in one process of a simulated node: the same parts that a host starts.</summary>
internal sealed class NodeLife
{
    private readonly SimulatedTransport _transport;

    private NodeLife(SimulatedProcess process, ActorSystem system, SimulatedStore store, SimulatedTransport transport, ClusterNode node, GridBuilder builder)
    {
        Process = process;
        System = system;
        Store = store;
        Node = node;
        _transport = transport;
        Builder = builder;
    }

    public SimulatedProcess Process { get; }

    public ActorSystem System { get; }

    public SimulatedStore Store { get; }

    public ClusterNode Node { get; }

    public GridBuilder Builder { get; }

    /// <summary>Starts a node; runs in its process.</summary>
    public static async Task<NodeLife> StartAsync(SimulatedProcess process, SimulatedGridOptions options, int number, string endpoint)
    {
        var world = process.World;
        var database = world.Database!;
        var builder = new GridBuilder();
        options.Configure(builder);
        var settings = new GridOptions();
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
        var node = await ClusterNode.StartAsync(new ClusterSetting
        {
            System = system,
            Grid = database.Grid,
            Store = store,
            ClusterStore = store.Cluster,
            Transport = transport,
            BootClock = process.Time,
            Types = [.. builder.Entities],
            Options = options.Cluster(number) with { Name = process.Machine.Name },
            Entities = options.EntityHost ?? GridNode.Translate(settings),
        });
        return new NodeLife(process, system, store, transport, node, builder);
    }

    /// <summary>Leaves and stops in order; runs in its process.</summary>
    public async Task StopAsync()
    {
        await Node.StopAsync();
        await System.StopAsync();
        await _transport.DisposeAsync();
    }
}
