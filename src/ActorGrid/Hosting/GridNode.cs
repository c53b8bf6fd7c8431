using ActorGrid.Actors;
using ActorGrid.Cluster;
using ActorGrid.Jobs;
using ActorGrid.Persistence;
using Microsoft.Extensions.Logging;

namespace ActorGrid;

/// <summary>A running node: store, actor system, entities and jobs, started in that order and stopped in the reverse.</summary>
internal sealed partial class GridNode
{
    private readonly List<Func<CancellationToken, Task>> _stops = [];
    private readonly GridBuilder _builder;
    private readonly GridOptions _options;
    private readonly GridSurroundings _surroundings;
    private readonly ILogger _logger;
    private int _lostShards;

    private GridNode(GridBuilder builder, GridOptions options, GridSurroundings surroundings)
    {
        _builder = builder;
        _options = options;
        _surroundings = surroundings;
        _logger = surroundings.Loggers.CreateLogger<GridNode>();
    }

    /// <summary>The grid as seen from here.</summary>
    public RunningGrid Grid { get; private set; } = null!;

    public IGridStore Store { get; private set; } = null!;

    /// <summary>The node as a member or a client of a cluster, be it a cluster of one; null: it has its store to itself.</summary>
    public ClusterNode? Cluster { get; private set; }

    /// <summary>How many shards of a node that has its store to itself have stopped for good: another owner took them, or a defect.</summary>
    public int LostShards => Volatile.Read(ref _lostShards);

    public static async Task<GridNode> StartAsync(GridBuilder builder, GridOptions options, GridSurroundings surroundings, CancellationToken cancellationToken)
    {
        var node = new GridNode(builder, options, surroundings);
        try
        {
            await node.RunAsync(cancellationToken);
            return node;
        }
        catch
        {
            try
            {
                await node.StopAsync(cancellationToken);
            }
            catch (InvalidOperationException)
            {
                // Logged there; the cause of the failed start is what the caller has to learn.
            }
            throw;
        }
    }

    /// <summary>Takes nothing new, finishes what is in hand, leaves the other nodes, then closes the store. Once the token is cancelled, what is not finished is dropped.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        List<Exception> failures = [];
        for (int i = _stops.Count - 1; i >= 0; i--)
        {
            try
            {
                await _stops[i](cancellationToken);
            }
            catch (Exception e)
            {
                // What is below has to be stopped all the same, the store above all; the first failure is what the caller learns.
                LogStopFailed(e);
                failures.Add(e);
            }
        }
        _stops.Clear();
        if (failures.Find(e => e is not OperationCanceledException) is { } first) throw new InvalidOperationException("The grid did not stop cleanly.", first);
    }

    private EntityHostOptions EntityOptions => Translate(_options) with { CommitLanes = _builder.CommitLanes };

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        var identity = new GridIdentity(_options.Name, _options.ShardCount);
        Store = _builder.Store(_surroundings.Time, _options);
        _stops.Add(_ => Store.DisposeAsync().AsTask());
        var shared = await OpenStoreAsync(identity, cancellationToken);
        // Closed last but for the store: a peer takes an address that refuses for a sign that all that was owned here is free.
        var transport = shared is null ? null : await OpenTransportAsync(cancellationToken);

        var dispatcher = new WorkerDispatcher(_options.Workers);
        _stops.Add(token => dispatcher.DisposeAsync().AsTask().WaitAsync(token));
        var control = transport is null ? null : new DedicatedThreadDispatcher("actorgrid-control");
        if (control is not null) _stops.Add(token => control.DisposeAsync().AsTask().WaitAsync(token));
        var system = new ActorSystem(new ActorSystemOptions { TimeProvider = _surroundings.Time, LoggerFactory = _surroundings.Loggers, Dispatcher = dispatcher, OpenAsksMax = _options.OpenAsksMax });
        _stops.Add(system.StopAsync);

        string name = transport is null ? "local" : NameOf(transport);
        var jobs = new JobHost(system, _builder.Jobs, Runner(_options, name));
        int jobsStop = _stops.Count;
        _stops.Add(token => WithinAsync(_surroundings.StopShare(0.25), jobs.StopAsync, token));
        IReadOnlyList<EntityType> types = [.. _builder.Entities, jobs.EntityType];
        var subscriptions = new SubscriptionHost(system, Store, types, _builder.SubscriptionsFor(() => Grid));
        // They ask the entities too.
        _stops.Add(token => WithinAsync(_surroundings.StopShare(0.1), subscriptions.StopAsync, token));
        if (shared is null || transport is null)
        {
            var entities = await EntityHost.StartAsync(system, Store, identity, types, EntityOptions, OnShardLost, subscriptions, cancellationToken);
            // The jobs ask the entities, so they stop before these.
            _stops.Insert(jobsStop, entities.StopAsync);
            var topics = new Topics(system, _builder.TopicMessages);
            Grid = new RunningGrid(_builder, entities, Store.Journal, jobs.Start(entities, Store.Journal), system, topics, cluster: null);
            subscriptions.Start();
            LogStarted(_options.Name, _options.ShardCount, Store, _builder.Entities.Count, _builder.Jobs.Count);
            return;
        }
        Cluster = await ClusterNode.StartAsync(
            new ClusterSetting
            {
                System = system,
                Grid = identity,
                Store = shared,
                ClusterStore = shared.Cluster,
                Transport = transport,
                // Of the addresses of a transport that was given nothing is known.
                Host = _builder.Transport is null && _options.Cluster.Host is { } address ? HostIdentity.Of(address) : null,
                BootClock = new SystemBootClock(),
                Types = types,
                TopicMessages = _builder.TopicMessages,
                Options = _options.Cluster.Translate() with { Name = name },
                Allocation = _builder.Allocation ?? new WeightedRendezvous(),
                Entities = EntityOptions,
                Subscriptions = subscriptions,
                ControlDispatcher = control,
            },
            cancellationToken);
        _stops.Insert(jobsStop, LeaveAsync);
        Grid = new RunningGrid(_builder, Cluster.Router, Store.Journal, jobs.Start(Cluster, Store.Journal), system, Cluster.Topics, Cluster);
        subscriptions.Start();
        LogJoined(name, transport.Endpoint.Length > 0 ? transport.Endpoint : "nowhere, as a client", _options.Name, Store);
    }

    internal static EntityHostOptions Translate(GridOptions options) => new()
    {
        AskTimeout = options.AskTimeout,
        AskTimeoutMax = options.AskTimeoutMax,
        ReplyRetention = options.CommandIdRetention,
        RepliesInMemoryMax = options.RepliesInMemoryMax,
        EntitiesInMemoryMax = options.EntitiesInMemoryMax,
        CommandsPerShardMax = options.CommandsPerShardMax,
    };

    internal static JobRunnerOptions Runner(GridOptions options, string nodeName) => new()
    {
        Workers = options.JobWorkers,
        NodeName = nodeName,
        JobsOpenMax = options.JobsOpenMax,
        JobsOpenPerSubmitterMax = options.JobsOpenPerSubmitterMax,
    };

    private void OnShardLost(ShardId shard)
    {
        Interlocked.Increment(ref _lostShards);
        LogShardLost(shard);
    }
}
