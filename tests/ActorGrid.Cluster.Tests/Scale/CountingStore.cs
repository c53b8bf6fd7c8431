namespace ActorGrid.Cluster.Tests;

/// <summary>What was asked of a cluster store.</summary>
internal sealed class StoreCount
{
    public int Renewals { get; set; }

    public int LeaseReads { get; set; }

    public int LeaseRows { get; set; }

    public int ViewReads { get; set; }

    public int WritesWon { get; set; }

    public int WritesLost { get; set; }

    public int All => Renewals + LeaseReads + ViewReads + WritesWon + WritesLost;
}

/// <summary>Counts the calls of a connection, into whatever count is the present one.</summary>
internal sealed class CountingStore(IClusterStore inner, Func<StoreCount> count) : IClusterStore
{
    public IClusterStore Inner => inner;

    public async Task<ClusterView> ReadViewAsync(CancellationToken cancellationToken)
    {
        count().ViewReads++;
        return await inner.ReadViewAsync(cancellationToken);
    }

    public async Task<bool> WriteViewAsync(ClusterView next, IReadOnlyList<Revocation> revocations, CancellationToken cancellationToken)
    {
        bool won = await inner.WriteViewAsync(next, revocations, cancellationToken);
        if (won) count().WritesWon++;
        else count().WritesLost++;
        return won;
    }

    public Task OpenLeaseAsync(Guid incarnation, CancellationToken cancellationToken) => inner.OpenLeaseAsync(incarnation, cancellationToken);

    public async Task<LeaseRenewal> RenewLeaseAsync(Guid incarnation, IReadOnlyList<Guid> suspects, CancellationToken cancellationToken)
    {
        count().Renewals++;
        return await inner.RenewLeaseAsync(incarnation, suspects, cancellationToken);
    }

    public async Task<IReadOnlyList<LeaseRow>> ReadLeasesAsync(CancellationToken cancellationToken)
    {
        count().LeaseReads++;
        var rows = await inner.ReadLeasesAsync(cancellationToken);
        count().LeaseRows += rows.Count;
        return rows;
    }

    public Task EndLeaseAsync(Guid incarnation, CancellationToken cancellationToken) => inner.EndLeaseAsync(incarnation, cancellationToken);
}
