using ActorGrid.Cluster;

namespace ActorGrid.Testing;

/// <summary>View and leases of the database, as one life of a process reaches them.</summary>
internal sealed class SimulatedClusterStore(SimulatedDatabase database, SimulatedProcess process) : IClusterStore
{
    private IClusterStore Connection => database.ConnectionOf(process);

    public Task<ClusterView> ReadViewAsync(CancellationToken cancellationToken) =>
        Call(StoreOperation.ReadView, c => c.ReadViewAsync(CancellationToken.None), cancellationToken);

    public Task<bool> WriteViewAsync(ClusterView next, IReadOnlyList<Revocation> revocations, CancellationToken cancellationToken)
    {
        IReadOnlyList<Revocation> own = [.. revocations];
        return Call(
            StoreOperation.WriteView, c => c.WriteViewAsync(next, own, CancellationToken.None), cancellationToken,
            written =>
            {
                Record(TraceKind.ViewWritten, next.Version, written ? 1 : 0, next);
                if (!written) return;
                foreach (var observer in database.Observers) observer.OnView(process, next, own);
            });
    }

    public Task OpenLeaseAsync(Guid incarnation, CancellationToken cancellationToken) => Call(
        StoreOperation.OpenLease,
        async c =>
        {
            if (!process.IsDead) await c.OpenLeaseAsync(incarnation, CancellationToken.None);
            return true;
        },
        cancellationToken, _ => Record(TraceKind.Lease, 0, 0, "opened"));

    public Task<LeaseRenewal> RenewLeaseAsync(Guid incarnation, IReadOnlyList<Guid> suspects, CancellationToken cancellationToken)
    {
        IReadOnlyList<Guid> own = [.. suspects];
        return Call(
            StoreOperation.RenewLease, c => c.RenewLeaseAsync(incarnation, own, CancellationToken.None), cancellationToken,
            renewal => Record(TraceKind.Lease, renewal.Number, renewal.IsRevoked ? 1 : 0, "renewed"));
    }

    public Task<IReadOnlyList<LeaseRow>> ReadLeasesAsync(CancellationToken cancellationToken) => Call(
        StoreOperation.ReadLeases,
        async c =>
        {
            var rows = await c.ReadLeasesAsync(CancellationToken.None);
            if (database.LooksGone.Count == 0) return rows;
            return [.. rows.Select(row => database.LooksGone.Contains(row.Incarnation) ? row with { IsPresent = false } : row)];
        },
        cancellationToken);

    public Task EndLeaseAsync(Guid incarnation, CancellationToken cancellationToken) => Call(
        StoreOperation.EndLease,
        async c =>
        {
            await c.EndLeaseAsync(incarnation, CancellationToken.None);
            return true;
        },
        cancellationToken, _ => Record(TraceKind.Lease, 0, 0, "ended"));

    private Task<T> Call<T>(StoreOperation operation, Func<IClusterStore, Task<T>> body, CancellationToken cancellationToken, Action<T>? onPerformed = null) =>
        new PlainCall<T>(database, process, operation, () => body(Connection), cancellationToken, onPerformed).Send();

    private void Record(TraceKind kind, long a, long b, object subject) =>
        process.World.Trace.Add(new TraceEntry(process.World.NowTicks, kind, process.Machine.Number, -1, a, b, subject));
}
