using ActorGrid.Actors;
using ActorGrid.Cluster;
using ActorGrid.Jobs;
using ActorGrid.Persistence;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ActorGrid;

/// <summary>Starts and stops the node with the host, and is the grid in between.</summary>
internal sealed partial class GridService(
    GridBuilder builder, IOptions<GridOptions> options, IOptions<HostOptions> host, TimeProvider time, ILoggerFactory loggers, IHostApplicationLifetime? lifetime = null)
    : IGrid, IHostedService, IAsyncDisposable
{
    private readonly ILogger _logger = loggers.CreateLogger<GridService>();
    private GridNode? _node;
    private bool _hasStopped;
    private readonly TaskCompletionSource _whenGivenUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Exception? _givenUp;

    /// <summary>The node, or null before the start and after the stop.</summary>
    public GridNode? Node => Volatile.Read(ref _node);

    /// <summary>Ends when the node has given up.</summary>
    public Task WhenGivenUp => _whenGivenUp.Task;

    /// <summary>Why the node has given up, if it has.</summary>
    public Exception? GivenUp => Volatile.Read(ref _givenUp);

    public JobClient Jobs => Running.Jobs;

    public ActorSystem Actors => Running.Actors;

    public ITopics Topics => Running.Topics;

    public ClusterView? View => Running.View;

    private RunningGrid Running => Node?.Grid ?? throw new InvalidOperationException(
        _hasStopped ? "The grid has stopped, together with its host." : "The grid has not started yet: start the host first (await host.StartAsync() or RunAsync()).");

    public EntityRef<TEntity> Entity<TEntity>(string key)
        where TEntity : Entity => Running.Entity<TEntity>(key);

    public EntityHistory History<TEntity>(string key)
        where TEntity : Entity => Running.History<TEntity>(key);

    public Task<JobHandle<TResult>> SubmitAsync<TResult>(Job<TResult> job, string? id = null, CancellationToken cancellationToken = default)
        where TResult : notnull => Running.SubmitAsync(job, id, cancellationToken);

    public Task<JobHandle<TResult>> SubmitAsync<TResult>(Job<TResult> job, SubmitOptions options, CancellationToken cancellationToken = default)
        where TResult : notnull => Running.SubmitAsync(job, options, cancellationToken);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_node is not null || _hasStopped) throw new InvalidOperationException("The grid was started before: a host starts once.");
        var node = await GridNode.StartAsync(builder, options.Value, new GridSurroundings(time, loggers, host.Value.ShutdownTimeout), cancellationToken);
        Volatile.Write(ref _node, node);
        if (node.Cluster is { } cluster) _ = WatchAsync(cluster);
    }

    /// <summary>Leaves the other nodes and stops; what the host waits for is bounded by <see cref="HostOptions.ShutdownTimeout"/>.</summary>
    /// <exception cref="InvalidOperationException">The node had given up: a process that ends for that reason should not end well.</exception>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _hasStopped = true;
        if (Interlocked.Exchange(ref _node, null) is not { } node) return;
        try
        {
            await node.StopAsync(cancellationToken);
        }
        catch (InvalidOperationException) when (GivenUp is not null)
        {
            // What has failed of it does not stop cleanly either; that was logged.
        }
        if (GivenUp is { } why) throw new InvalidOperationException($"The node had given up: {why.Message}", why);
    }

    /// <summary>For a host that is disposed without having been stopped.</summary>
    public ValueTask DisposeAsync() => new(StopAsync(CancellationToken.None));

    /// <summary>Waits for as long as the node lives, mostly for nothing; never throws.</summary>
    private async Task WatchAsync(ClusterNode cluster)
    {
        var why = await cluster.WhenGivenUp;
        if (_hasStopped) return;
        Volatile.Write(ref _givenUp, why);
        bool stops = options.Value.Cluster.StopHostWhenGivenUp && lifetime is not null;
        LogGivenUp(cluster.Name, stops ? "The host is stopped" : "The process goes on without a grid", why);
        _whenGivenUp.SetResult();
        if (stops) lifetime!.StopApplication();
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Critical, Message = "The node {Node} has given up, and other nodes have its entities. {Consequence}")]
    private partial void LogGivenUp(string node, string consequence, Exception why);
}
