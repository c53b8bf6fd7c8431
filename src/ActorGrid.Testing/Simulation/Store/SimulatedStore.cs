using ActorGrid.Cluster;
using ActorGrid.Persistence;

namespace ActorGrid.Testing;

/// <summary>The database as one life of a process reaches it: its journal, its snapshots, its view and its leases.</summary>
internal sealed class SimulatedStore : IGridStore
{
    private readonly SimulatedDatabase _database;
    private readonly SimulatedProcess _process;
    private readonly SimulatedJournal _journal;

    public SimulatedStore(SimulatedDatabase database, SimulatedProcess process)
    {
        _database = database;
        _process = process;
        _journal = new SimulatedJournal(database, process);
        Cluster = new SimulatedClusterStore(database, process);
    }

    public IEventJournal Journal => _journal;

    public ISnapshotStore Snapshots => _journal;

    public ICursorStore Cursors => _journal;

    public IGridArchive Archive => _database.Memory.Archive;

    public IClusterStore Cluster { get; }

    public Task OpenAsync(GridIdentity identity, CancellationToken cancellationToken) => new PlainCall<bool>(
        _database, _process, StoreOperation.Open,
        async () =>
        {
            await _database.Memory.OpenAsync(identity, CancellationToken.None);
            return true;
        },
        cancellationToken).Send();

    public ValueTask DisposeAsync() => default;
}

/// <summary>A call of which nobody needs to know more than that it was made.</summary>
internal sealed class PlainCall<T>(
    SimulatedDatabase database, SimulatedProcess process, StoreOperation operation, Func<Task<T>> body, CancellationToken cancellation, Action<T>? onPerformed = null)
    : StoreCall<T>(database, process, operation, cancellation)
{
    protected override Task<T> Perform() => body();

    protected override void OnPerformed(T result) => onPerformed?.Invoke(result);
}
