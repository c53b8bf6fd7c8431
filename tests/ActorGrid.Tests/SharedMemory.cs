using ActorGrid.Cluster;
using ActorGrid.Persistence;

namespace ActorGrid.Tests;

/// <summary>A database in memory and a network, for hosts that share this process.</summary>
internal sealed class SharedMemory(string name = "grid", int shardCount = 32)
{
    private readonly InMemoryStore _store = new();
    private readonly InMemoryClusterStore _cluster = new(new GridIdentity(name, shardCount));

    public InMemoryNetwork Network { get; } = new();

    /// <summary>The journal, to write into it behind the backs of the nodes.</summary>
    public IEventJournal Journal => _store.Journal;

    /// <summary>Whether the store fails every read of the view.</summary>
    public bool IsAway { get; set; }

    /// <summary>Lets a node use both.</summary>
    public GridBuilder Connect(GridBuilder grid, string endpoint) => Use(grid).UseTransport(_ => Network.Connect(endpoint));

    /// <summary>Lets a node use the database.</summary>
    public GridBuilder Use(GridBuilder grid) => grid.UseStore(_ => new Connection(this)).Configure(options => options.ShardCount = shardCount);

    private sealed class Connection(SharedMemory memory) : ISharedStore, IClusterStore
    {
        private readonly IClusterStore _inner = memory._cluster.Connect();

        public IClusterStore Cluster => this;

        public IEventJournal Journal => memory._store.Journal;

        public ISnapshotStore Snapshots => memory._store.Snapshots;

        public ICursorStore Cursors => memory._store.Cursors;

        public IGridArchive Archive => memory._store.Archive;

        public Task OpenAsync(GridIdentity identity, CancellationToken cancellationToken) => memory._store.OpenAsync(identity, cancellationToken);

        public ValueTask DisposeAsync()
        {
            memory._cluster.Disconnect(_inner);
            return default;
        }

        public Task<ClusterView> ReadViewAsync(CancellationToken cancellationToken) =>
            memory.IsAway ? Task.FromException<ClusterView>(new StoreException("It is away.", isTransient: true)) : _inner.ReadViewAsync(cancellationToken);

        public Task<bool> WriteViewAsync(ClusterView next, IReadOnlyList<Revocation> revocations, CancellationToken cancellationToken) =>
            _inner.WriteViewAsync(next, revocations, cancellationToken);

        public Task OpenLeaseAsync(Guid incarnation, CancellationToken cancellationToken) => _inner.OpenLeaseAsync(incarnation, cancellationToken);

        public Task<LeaseRenewal> RenewLeaseAsync(Guid incarnation, IReadOnlyList<Guid> suspects, CancellationToken cancellationToken) =>
            _inner.RenewLeaseAsync(incarnation, suspects, cancellationToken);

        public Task<IReadOnlyList<LeaseRow>> ReadLeasesAsync(CancellationToken cancellationToken) => _inner.ReadLeasesAsync(cancellationToken);

        public Task EndLeaseAsync(Guid incarnation, CancellationToken cancellationToken) => _inner.EndLeaseAsync(incarnation, cancellationToken);

        public override string ToString() => "memory that is shared";
    }
}
