using ActorGrid.Actors;
using ActorGrid.Jobs;
using ActorGrid.Persistence;
using Microsoft.Extensions.Logging;

namespace ActorGrid;

/// <summary>A running node: store, actor system, entities and jobs, started in that order and stopped in the reverse.</summary>
internal sealed partial class GridNode : IAsyncDisposable
{
    private readonly List<Func<CancellationToken, Task>> _stops = [];
    private readonly ILogger _logger;
    private int _lostShards;

    private GridNode(ILogger logger) => _logger = logger;

    /// <summary>The grid as seen from here.</summary>
    public RunningGrid Grid { get; private set; } = null!;

    public IGridStore Store { get; private set; } = null!;

    /// <summary>How many shards have stopped for good: another owner took them, or a defect.</summary>
    public int LostShards => Volatile.Read(ref _lostShards);

    public static async Task<GridNode> StartAsync(
        GridBuilder builder, GridOptions options, TimeProvider time, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var node = new GridNode(loggers.CreateLogger<GridNode>());
        try
        {
            await node.RunAsync(builder, options, time, loggers, cancellationToken);
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

    /// <summary>Takes nothing new, finishes what is in hand, then closes the store. Once the token is cancelled, what is not finished is dropped.</summary>
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

    public ValueTask DisposeAsync() => new(StopAsync(CancellationToken.None));

    private async Task RunAsync(GridBuilder builder, GridOptions options, TimeProvider time, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var identity = new GridIdentity(options.Name, options.ShardCount);
        Store = builder.Store(time);
        _stops.Add(_ => Store.DisposeAsync().AsTask());
        await Store.OpenAsync(identity, cancellationToken);

        var dispatcher = new WorkerDispatcher(options.Workers);
        _stops.Add(token => dispatcher.DisposeAsync().AsTask().WaitAsync(token));
        var system = new ActorSystem(new ActorSystemOptions { TimeProvider = time, LoggerFactory = loggers, Dispatcher = dispatcher });
        _stops.Add(system.StopAsync);

        var jobs = new JobHost(system, builder.Jobs, new JobRunnerOptions { Workers = options.JobWorkers });
        int jobsStop = _stops.Count;
        _stops.Add(jobs.StopAsync);
        var entities = await EntityHost.StartAsync(
            system, Store, identity, [.. builder.Entities, jobs.EntityType], Translate(options), OnShardLost, cancellationToken);
        // The jobs ask the entities, so they stop before these.
        _stops.Insert(jobsStop, entities.StopAsync);
        Grid = new RunningGrid(builder, entities, jobs.Start(entities, Store.Journal), system);
        LogStarted(options.Name, options.ShardCount, Store, builder.Entities.Count, builder.Jobs.Count);
    }

    internal static EntityHostOptions Translate(GridOptions options) => new()
    {
        AskTimeout = options.AskTimeout,
        AskTimeoutMax = options.AskTimeoutMax,
        ReplyRetention = options.CommandIdRetention,
        RepliesInMemoryMax = options.RepliesInMemoryMax,
        EntitiesInMemoryMax = options.EntitiesInMemoryMax,
    };

    private void OnShardLost(ShardId shard)
    {
        Interlocked.Increment(ref _lostShards);
        LogShardLost(shard);
    }
}
