using ActorGrid.Persistence;

namespace ActorGrid.Cluster.Tests;

/// <summary>A node's connection to the cluster store, which a test can interrupt.</summary>
internal sealed class TappedClusterStore(IClusterStore store) : IClusterStore
{
    /// <summary>Whether no call gets through.</summary>
    public bool IsDown { get; set; }

    /// <summary>How many writes of the view take effect while their answer is lost.</summary>
    public int AnswersToLose { get; set; }

    /// <summary>Whether no write of the view gets through.</summary>
    public bool IsReadOnly { get; set; }

    /// <summary>How many writes of the view were tried.</summary>
    public int Writes { get; private set; }

    /// <summary>How often the leases were read.</summary>
    public int LeaseReads { get; private set; }

    /// <summary>How many renewals get no answer.</summary>
    public int RenewalsToHang { get; set; }

    public Task<ClusterView> ReadViewAsync(CancellationToken cancellationToken) => Through(() => store.ReadViewAsync(cancellationToken));

    public async Task<bool> WriteViewAsync(ClusterView next, IReadOnlyList<Revocation> revocations, CancellationToken cancellationToken)
    {
        Writes++;
        if (IsReadOnly) throw new StoreException("The store is read-only.", isTransient: true);
        bool won = await Through(() => store.WriteViewAsync(next, revocations, cancellationToken));
        if (AnswersToLose == 0) return won;
        AnswersToLose--;
        throw new StoreException("The answer was lost.", isTransient: true);
    }

    public Task OpenLeaseAsync(Guid incarnation, CancellationToken cancellationToken) => Through(() => store.OpenLeaseAsync(incarnation, cancellationToken));

    public Task<LeaseRenewal> RenewLeaseAsync(Guid incarnation, IReadOnlyList<Guid> suspects, CancellationToken cancellationToken)
    {
        if (RenewalsToHang == 0) return Through(() => store.RenewLeaseAsync(incarnation, suspects, cancellationToken));
        RenewalsToHang--;
        return new TaskCompletionSource<LeaseRenewal>().Task.WaitAsync(cancellationToken);
    }

    public Task<IReadOnlyList<LeaseRow>> ReadLeasesAsync(CancellationToken cancellationToken)
    {
        LeaseReads++;
        return Through(() => store.ReadLeasesAsync(cancellationToken));
    }

    public Task EndLeaseAsync(Guid incarnation, CancellationToken cancellationToken) => Through(() => store.EndLeaseAsync(incarnation, cancellationToken));

    private TTask Through<TTask>(Func<TTask> call)
        where TTask : Task => IsDown ? throw new StoreException("The store is down.", isTransient: true) : call();
}
