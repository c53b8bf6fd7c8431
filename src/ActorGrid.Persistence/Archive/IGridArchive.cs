namespace ActorGrid.Persistence;

/// <summary>All that a grid has stored, as rows that any store reads and writes: to carry a grid from one store to another, or to keep a copy of it.</summary>
/// <remarks>
/// <para>Not among the rows: the members of a cluster and their leases, which are made anew where the rows are written; and the tables that projections write, which are the user's.</para>
/// <para>The rows come in the order of <see cref="ArchiveKind"/>, each kind in the order that its row states, whichever store they come from: two grids that hold the same give the same rows. Safe to use from any
/// thread.</para>
/// </remarks>
public interface IGridArchive
{
    /// <summary>Reads all rows as of one moment, while the grid runs, too.</summary>
    /// <param name="cancellationToken">Ends the read.</param>
    /// <returns>The rows. They are read as they are asked for, from the state of the moment in which the first one was; the store keeps that state for as long as it takes, so do not leave the enumeration standing.</returns>
    /// <exception cref="StoreException">The store could not be read.</exception>
    IAsyncEnumerable<ArchiveRow> ReadAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Writes rows into an empty grid, one in which no shard was ever owned and nothing stored, in one transaction: all of them, or, whatever happens, none. Nodes of the grid cannot write meanwhile; start them when it has
    /// ended.
    /// </summary>
    /// <remarks>The fences are written as they are. Whoever owns a shard next goes beyond its epoch: a node alone by the next generation, a cluster because its terms go on from those of the rows.</remarks>
    /// <param name="rows">The rows, as <see cref="ReadAsync"/> gives them. They are read once, as they are written.</param>
    /// <param name="cancellationToken">Ends it before the commit; nothing is written then.</param>
    /// <exception cref="InvalidDataException">A row cannot be, or contradicts one before it; the message says which, and why. Nothing was written.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled. Nothing was written. What <paramref name="rows"/> throw, this and everything else, comes through as it is, and nothing was written either.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="rows"/> is null.</exception>
    /// <exception cref="ObjectDisposedException">The store was closed before.</exception>
    /// <exception cref="StoreException">The grid is not empty, or the store could not be written. If the message does not say otherwise, nothing was written.</exception>
    Task WriteAsync(IAsyncEnumerable<ArchiveRow> rows, CancellationToken cancellationToken = default);
}
