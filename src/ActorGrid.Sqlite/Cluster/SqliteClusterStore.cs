using ActorGrid.Cluster;
using ActorGrid.Persistence;

namespace ActorGrid.Sqlite;

/// <summary>The contract of the view and the leases: checks what it is given, and hands it to the thread that serves them.</summary>
internal sealed class SqliteClusterStore(WorkQueue<ClusterRequest> requests, string path) : IClusterStore
{
    public Task<ClusterView> ReadViewAsync(CancellationToken cancellationToken) =>
        DoAsync(Durability.Reads, static tables => tables.ReadView(), cancellationToken);

    public Task<bool> WriteViewAsync(ClusterView next, IReadOnlyList<Revocation> revocations, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(next);
        ArgumentNullException.ThrowIfNull(revocations);
        next.Check();
        return DoAsync(Durability.OutlivesHost, tables => tables.WriteView(next, revocations), cancellationToken);
    }

    public Task OpenLeaseAsync(Guid incarnation, CancellationToken cancellationToken) =>
        DoAsync(Durability.OutlivesProcess, tables => tables.OpenLease(incarnation), cancellationToken);

    public Task<LeaseRenewal> RenewLeaseAsync(Guid incarnation, IReadOnlyList<Guid> suspects, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(suspects);
        return DoAsync(Durability.OutlivesProcess, tables => tables.Renew(incarnation, suspects), cancellationToken);
    }

    public Task<IReadOnlyList<LeaseRow>> ReadLeasesAsync(CancellationToken cancellationToken) =>
        DoAsync(Durability.Reads, static tables => tables.ReadLeases(), cancellationToken);

    public Task EndLeaseAsync(Guid incarnation, CancellationToken cancellationToken) =>
        DoAsync(Durability.OutlivesProcess, tables => tables.EndLease(incarnation), cancellationToken);

    private Task<T> DoAsync<T>(Durability writes, Func<ClusterTables, T> body, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested) return Task.FromCanceled<T>(cancellationToken);
        var request = new ClusterRequest<T>(body) { Writes = writes, Cancellation = cancellationToken };
        try
        {
            if (!requests.TryAdd(request)) return Task.FromException<T>(new StoreException("Too many requests wait for the view and the leases already.", isTransient: true));
        }
        catch (ObjectDisposedException e)
        {
            return Task.FromException<T>(new StoreException($"The store of '{path}' was closed.", isTransient: false, e));
        }
        return cancellationToken.CanBeCanceled ? request.Task.WaitAsync(cancellationToken) : request.Task;
    }
}
