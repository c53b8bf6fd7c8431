using ActorGrid.Persistence;

namespace ActorGrid.Cluster;

/// <summary>A cluster store in memory, shared by nodes of one process: the reference that all others are held against.</summary>
/// <remarks>Safe to use from any thread; every call has ended when it returns, without threads, time or I/O.</remarks>
/// <param name="grid">The grid.</param>
public sealed class InMemoryClusterStore(GridIdentity grid)
{
    private sealed record Lease(LeaseRow Row, Connection? Holder);

    private readonly Lock _gate = new();
    private readonly SortedDictionary<Guid, Lease> _leases = [];
    private ClusterView _view = ClusterView.Empty(grid);

    /// <summary>Connects a node.</summary>
    public IClusterStore Connect() => new Connection(this);

    /// <summary>Breaks a connection, as the end of its process does: the leases that were opened on it are no longer present, and its calls fail.
    /// Idempotent.</summary>
    /// <exception cref="ArgumentException">The connection is not one of this store.</exception>
    public void Disconnect(IClusterStore connection)
    {
        if (connection is not Connection own || own.Store != this) throw new ArgumentException("The connection is not one of this store.", nameof(connection));
        lock (_gate) own.IsBroken = true;
    }

    private bool Write(ClusterView next, IReadOnlyList<Revocation> revocations)
    {
        if (next.Version != _view.Version + 1 || !revocations.All(IsAsExpected)) return false;
        next.CheckSuccessorOf(_view);
        foreach (var revocation in revocations)
        {
            if (_leases.TryGetValue(revocation.Incarnation, out var lease)) Set(lease with { Row = lease.Row with { IsRevoked = true } });
        }
        _view = next;
        Prune();
        return true;
    }

    private bool IsAsExpected(Revocation revocation) => revocation.ExpectedNumber is not { } expected
        || (_leases.TryGetValue(revocation.Incarnation, out var lease) && lease.Row.Number == expected);

    /// <summary>Forgets the leases that nobody can renew and nobody asks about.</summary>
    private void Prune()
    {
        foreach (var lease in _leases.Values.ToArray())
        {
            var row = Show(lease);
            bool isDone = row.IsRevoked || row.HasEnded || !row.IsPresent;
            if (isDone && _view.Find(row.Incarnation) is null && _view.Revoked.All(revoked => revoked.Incarnation != row.Incarnation))
            {
                _leases.Remove(row.Incarnation);
            }
        }
    }

    private void Open(Guid incarnation, Connection holder) => Set(_leases.TryGetValue(incarnation, out var lease)
        ? lease with { Holder = holder }
        : new Lease(new LeaseRow(incarnation, 0, [], IsRevoked: false, HasEnded: false, IsPresent: true), holder));

    private LeaseRenewal Renew(Guid incarnation, IReadOnlyList<Guid> suspects)
    {
        if (!_leases.TryGetValue(incarnation, out var lease)) return new LeaseRenewal(0, _view.Version, IsRevoked: true);
        if (lease.Row.IsRevoked || lease.Row.HasEnded) return new LeaseRenewal(lease.Row.Number, _view.Version, IsRevoked: true);
        Set(lease with { Row = lease.Row with { Number = lease.Row.Number + 1, Suspects = [.. suspects] } });
        return new LeaseRenewal(lease.Row.Number + 1, _view.Version, IsRevoked: false);
    }

    private void End(Guid incarnation)
    {
        if (_leases.TryGetValue(incarnation, out var lease)) Set(lease with { Row = lease.Row with { HasEnded = true } });
    }

    private void Set(Lease lease) => _leases[lease.Row.Incarnation] = lease;

    private static LeaseRow Show(Lease lease) => lease.Row with { IsPresent = lease.Holder is { IsBroken: false } };

    private sealed class Connection(InMemoryClusterStore store) : IClusterStore
    {
        public InMemoryClusterStore Store => store;

        /// <summary>Read and written under the gate of the store.</summary>
        public bool IsBroken { get; set; }

        public Task<ClusterView> ReadViewAsync(CancellationToken cancellationToken) => Do(() => store._view, cancellationToken);

        public Task<bool> WriteViewAsync(ClusterView next, IReadOnlyList<Revocation> revocations, CancellationToken cancellationToken)
        {
            ArgumentNullException.ThrowIfNull(next);
            ArgumentNullException.ThrowIfNull(revocations);
            next.Check();
            return Do(() => store.Write(next, revocations), cancellationToken);
        }

        public Task OpenLeaseAsync(Guid incarnation, CancellationToken cancellationToken) => Do(() => store.Open(incarnation, this), cancellationToken);

        public Task<LeaseRenewal> RenewLeaseAsync(Guid incarnation, IReadOnlyList<Guid> suspects, CancellationToken cancellationToken)
        {
            ArgumentNullException.ThrowIfNull(suspects);
            return Do(() => store.Renew(incarnation, suspects), cancellationToken);
        }

        public Task<IReadOnlyList<LeaseRow>> ReadLeasesAsync(CancellationToken cancellationToken) =>
            Do(IReadOnlyList<LeaseRow> () => [.. store._leases.Values.Select(Show)], cancellationToken);

        public Task EndLeaseAsync(Guid incarnation, CancellationToken cancellationToken) => Do(() => store.End(incarnation), cancellationToken);

        private Task Do(Action action, CancellationToken cancellationToken) => Do(
            () =>
            {
                action();
                return true;
            },
            cancellationToken);

        private Task<T> Do<T>(Func<T> action, CancellationToken cancellationToken)
        {
            if (cancellationToken.IsCancellationRequested) return Task.FromCanceled<T>(cancellationToken);
            lock (store._gate)
            {
                if (!IsBroken) return Task.FromResult(action());
            }
            return Task.FromException<T>(new StoreException("The connection to the store in memory was broken. Connect again.", isTransient: false));
        }
    }
}
