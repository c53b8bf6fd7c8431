using ActorGrid.Actors;
using ActorGrid.Jobs;
using ActorGrid.Persistence;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ActorGrid;

/// <summary>Starts and stops the node with the host, and is the grid in between.</summary>
internal sealed class GridService(GridBuilder builder, IOptions<GridOptions> options, TimeProvider time, ILoggerFactory loggers) : IGrid, IHostedService, IAsyncDisposable
{
    private GridNode? _node;
    private bool _hasStopped;

    /// <summary>The node, or null before the start and after the stop.</summary>
    public GridNode? Node => Volatile.Read(ref _node);

    public JobClient Jobs => Running.Jobs;

    public ActorSystem Actors => Running.Actors;

    private RunningGrid Running => Node?.Grid ?? throw new InvalidOperationException(
        _hasStopped ? "The grid has stopped, together with its host." : "The grid has not started yet: start the host first (await host.StartAsync() or RunAsync()).");

    public EntityRef<TEntity> Entity<TEntity>(string key)
        where TEntity : Entity => Running.Entity<TEntity>(key);

    public Task<JobHandle<TResult>> SubmitAsync<TResult>(Job<TResult> job, string? id = null, CancellationToken cancellationToken = default)
        where TResult : notnull => Running.SubmitAsync(job, id, cancellationToken);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_node is not null || _hasStopped) throw new InvalidOperationException("The grid was started before: a host starts once.");
        Volatile.Write(ref _node, await GridNode.StartAsync(builder, options.Value, time, loggers, cancellationToken));
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _hasStopped = true;
        if (Interlocked.Exchange(ref _node, null) is { } node) await node.StopAsync(cancellationToken);
    }

    /// <summary>For a host that is disposed without having been stopped.</summary>
    public ValueTask DisposeAsync() => new(StopAsync(CancellationToken.None));
}
