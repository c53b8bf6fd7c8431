using ActorGrid.Cluster;
using ActorGrid.Persistence;

namespace ActorGrid;

/// <content>What it takes to be one node of several.</content>
internal sealed partial class GridNode
{
    private bool IsOneOfSeveral => _options.Cluster.IsOn || _builder.Transport is not null;

    private static ISharedStore RequireShared(IGridStore store) => store as ISharedStore ?? throw new InvalidOperationException(
        $"A node that listens, or is a client, keeps the grid in a store that nodes can share, and {store} is none: choose UseSqlite for the processes of one host, or UsePostgreSql.");

    private string NameOf(ITransport transport) => _options.Cluster.Name ?? (transport.Endpoint.Length > 0 ? transport.Endpoint : "client");

    private async Task<ITransport> OpenTransportAsync(CancellationToken cancellationToken)
    {
        if (_builder.Transport is { } make)
        {
            var own = make(_surroundings.Time);
            _stops.Add(_ => own.DisposeAsync().AsTask());
            return own;
        }
        cancellationToken.ThrowIfCancellationRequested();
        await Task.CompletedTask;
        throw new NotSupportedException("TCP is not there yet.");
    }

    /// <summary>Leaves with the patience that the host has, less what it takes to stop the rest; then in a hurry.</summary>
    private Task LeaveAsync(CancellationToken cancellationToken) =>
        WithinAsync(_surroundings.StopTimeout / 2, hurry => Cluster!.StopAsync(hurry).WaitAsync(cancellationToken), cancellationToken);

    private async Task WithinAsync(TimeSpan patience, Func<CancellationToken, Task> stop, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(patience, _surroundings.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        await stop(either.Token);
    }
}
