namespace ActorGrid.Persistence;

/// <summary>A database that holds a grid: its journal and its snapshots, in one place, so that one commit can cover both.</summary>
/// <remarks>Safe to use from any thread. Every implementation passes the conformance suite in <c>tests/ActorGrid.Conformance</c>.</remarks>
public interface IGridStore : IAsyncDisposable
{
    /// <summary>The journal. May be used once <see cref="OpenAsync"/> has ended well.</summary>
    IEventJournal Journal { get; }

    /// <summary>The snapshots. May be used once <see cref="OpenAsync"/> has ended well.</summary>
    ISnapshotStore Snapshots { get; }

    /// <summary>The cursors of subscriptions. May be used once <see cref="OpenAsync"/> has ended well.</summary>
    ICursorStore Cursors { get; }

    /// <summary>All that is stored, to be carried to another store. May be used once <see cref="OpenAsync"/> has ended well.</summary>
    IGridArchive Archive { get; }

    /// <summary>Opens the database, makes or migrates its schema, and checks that it is the one that is meant.</summary>
    /// <param name="identity">The grid that the caller is a part of.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="StoreException">
    /// The database cannot be reached or written, is damaged, has a newer schema, is in use by another process where it allows but
    /// one, or belongs to a grid of another name or number of shards; the message says which, and what to do. Nothing was changed.
    /// </exception>
    Task OpenAsync(GridIdentity identity, CancellationToken cancellationToken);
}
