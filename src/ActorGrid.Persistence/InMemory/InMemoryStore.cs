namespace ActorGrid.Persistence;

/// <summary>A store in memory: the reference that all stores are held against, for tests, simulations, and grids that need no durability.</summary>
/// <remarks>
/// <para>Safe to use from any thread; every call has ended when it returns, without threads, time or I/O.</para>
/// <para>What it holds lives as long as the object: a grid that "restarts" is handed the same one. Disposing it does nothing.</para>
/// </remarks>
public sealed class InMemoryStore : IGridStore
{
    private readonly InMemoryJournal _journal = new();

    /// <inheritdoc/>
    public IEventJournal Journal => _journal;

    /// <inheritdoc/>
    public ISnapshotStore Snapshots => _journal;

    /// <inheritdoc/>
    public ICursorStore Cursors => _journal;

    /// <inheritdoc/>
    public IGridArchive Archive => _journal;

    /// <inheritdoc/>
    public Task OpenAsync(GridIdentity identity, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(identity);
        if (cancellationToken.IsCancellationRequested) return Task.FromCanceled(cancellationToken);
        if (_journal.TryOpen(identity, out var current)) return Task.CompletedTask;
        return Task.FromException(new StoreException(
            $"The store in memory belongs to the grid {current}, not to {identity}. Use a new store, or the name and number of shards it was made with.",
            isTransient: false));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => default;

    /// <summary>What it is, for logs.</summary>
    public override string ToString() => "memory";
}
