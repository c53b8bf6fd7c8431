using ActorGrid.Cluster;
using ActorGrid.Persistence;
using ActorGrid.PostgreSql;
using ActorGrid.Sqlite;
using ActorGrid.Transport;
using Microsoft.Extensions.Logging;

namespace ActorGrid;

/// <content>What it takes to be one node of several.</content>
internal sealed partial class GridNode
{
    private bool IsOneOfSeveral => _options.Cluster.IsOn || _builder.Transport is not null;

    /// <summary>Opens the store.</summary>
    /// <returns>The store as the nodes of a cluster need it; null: this node has it to itself, and needs no lease.</returns>
    private async Task<ISharedStore?> OpenStoreAsync(GridIdentity identity, CancellationToken cancellationToken)
    {
        var shared = SharedStore();
        RequireServerPatience();
        await Store.OpenAsync(identity, cancellationToken);
        if (shared is not null && !IsOneOfSeveral) await RequireNobodyElseAsync(shared, cancellationToken);
        return shared;
    }

    /// <summary>A SQLite file that a node alone has open is locked by it. Any other store that can be shared may be found by a second process: there even a node alone has
    /// to hold a lease.</summary>
    private ISharedStore? SharedStore()
    {
        if (IsOneOfSeveral) return RequireShared(Store);
        return Store is SqliteStore ? null : Store as ISharedStore;
    }

    private static ISharedStore RequireShared(IGridStore store) => store as ISharedStore ?? throw new InvalidOperationException(
        $"A node that listens, or is a client, keeps the grid in a store that nodes can share, and {store} is none: choose UseSqlite for the processes of one host, or UsePostgreSql.");

    /// <summary>That the server has let go of a node's session is a witness that the node has gone: it must not come while a node that is cut off still trusts
    /// its lease.</summary>
    private void RequireServerPatience()
    {
        var cluster = _options.Cluster;
        if (Store is not PostgreSqlStore server || cluster.LeaseDuration + cluster.LeaseDrift <= server.SessionPatience) return;
        throw new InvalidOperationException(
            $"GridOptions.Cluster.LeaseDuration ({cluster.LeaseDuration}) and LeaseDrift ({cluster.LeaseDrift}) are together longer than the server keeps the session of a node that it does not hear: " +
            $"shorten them, or raise PostgreSqlStoreOptions.SessionPatience ({server.SessionPatience}).");
    }

    /// <summary>A node alone reaches nobody: beside nodes that run it would wait for their end. Two that start at the same moment are kept apart by the view.</summary>
    private async Task RequireNobodyElseAsync(ISharedStore shared, CancellationToken cancellationToken)
    {
        var view = await shared.Cluster.ReadViewAsync(cancellationToken);
        if (view.Members.IsEmpty) return;
        var present = (await shared.Cluster.ReadLeasesAsync(cancellationToken))
            .Where(lease => lease is { IsPresent: true, HasEnded: false, IsRevoked: false }).Select(lease => lease.Incarnation).ToHashSet();
        string[] names = [.. view.Members.Where(member => present.Contains(member.Incarnation)).Select(member => member.Name).Order(StringComparer.Ordinal)];
        if (names.Length == 0) return;
        throw new InvalidOperationException(
            $"The grid '{_options.Name}' in {Store} runs on the nodes {string.Join(", ", names)}, and a node that neither listens nor is a client needs it for itself: add .Listen(...) or .AsClient(), or stop these.");
    }

    private string NameOf(ITransport transport) => _options.Cluster.Name ?? NodeName.Of(transport.Endpoint);

    private async Task<ITransport> OpenTransportAsync(CancellationToken cancellationToken)
    {
        if (!IsOneOfSeveral) return new NoTransport();
        if (_builder.Transport is { } make)
        {
            var own = make(_surroundings.Time);
            _stops.Add(_ => own.DisposeAsync().AsTask());
            return own;
        }
        var cluster = _options.Cluster;
        var tcp = new TcpTransport(
            new TcpTransportOptions
            {
                Host = cluster.Host,
                Port = cluster.Port,
                AdvertisedHost = cluster.AdvertisedHost,
                Tls = _builder.Tls,
                AllowPlaintextBeyondLoopback = cluster.AllowPlaintextBeyondLoopback,
            },
            _surroundings.Loggers.CreateLogger<TcpTransport>(), _surroundings.Time);
        _stops.Add(_ => tcp.DisposeAsync().AsTask());
        await tcp.OpenAsync(cancellationToken);
        return tcp;
    }

    /// <summary>Leaves with the patience that the host has, less what it takes to stop the rest; then in a hurry.</summary>
    private async Task LeaveAsync(CancellationToken cancellationToken)
    {
        try
        {
            await WithinAsync(_surroundings.StopShare(0.5), hurry => Cluster!.StopAsync(hurry).WaitAsync(cancellationToken), cancellationToken);
        }
        finally
        {
            // The host's token may have ended the wait before the node has heard of it; what is closed next are the witnesses that it is gone.
            _ = Cluster!.StopAsync(new CancellationToken(canceled: true));
        }
    }

    private async Task WithinAsync(TimeSpan patience, Func<CancellationToken, Task> stop, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(patience, _surroundings.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        await stop(either.Token);
    }
}
