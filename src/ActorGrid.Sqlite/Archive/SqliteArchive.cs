using System.Runtime.CompilerServices;
using ActorGrid.Persistence;

namespace ActorGrid.Sqlite;

/// <summary>Reads all rows on a connection of its own, in one read transaction, a group at a time on the threads that read; writes them on the writer's thread, in one write transaction.</summary>
internal sealed class SqliteArchive(DatabaseFile file, GridIdentity grid, WorkQueue<WriteRequest> writes, WorkQueue<ReadRequest> reads, Task closing) : IGridArchive
{
    public async IAsyncEnumerable<ArchiveRow> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var rows = new List<ArchiveRow>();
        using var reading = new Reading(file, grid);
        while (await FillAsync())
        {
            foreach (var row in rows)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return row;
            }
        }

        Task<bool> FillAsync()
        {
            var request = new ReadRequest<bool>(_ => reading.Fill(rows), cancellationToken);
            return reads.TryAdd(request) ? request.Task : throw new StoreException("Too many reads wait for the store already. Ask for less at once.", isTransient: true);
        }
    }

    public async Task WriteAsync(IAsyncEnumerable<ArchiveRow> rows, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        cancellationToken.ThrowIfCancellationRequested();
        var request = new ArchiveRequest(ArchiveCheck.Of(rows, grid, cancellationToken), grid, closing) { Rows = WriteRequest.AloneRows, Cancellation = cancellationToken };
        if (!writes.TryAdd(request)) throw new StoreException("Too many writes wait for the store already. Ask for less at once.", isTransient: true);
        await request.Task;
    }

    /// <summary>A read under way: a connection, and where it stands. By one thread at a time.</summary>
    private sealed class Reading(DatabaseFile file, GridIdentity grid) : IDisposable
    {
        private const int RowsMax = 256, BytesMax = 4 << 20;

        private Database? _database;
        private IEnumerator<ArchiveRow>? _rows;

        /// <summary>Reads the next rows.</summary>
        /// <returns>False if there are none.</returns>
        public bool Fill(List<ArchiveRow> rows)
        {
            rows.Clear();
            _database ??= file.OpenReader();
            _rows ??= new ArchiveReader(_database, grid).Read().GetEnumerator();
            for (long bytes = 0; rows.Count < RowsMax && bytes < BytesMax && _rows.MoveNext(); bytes += _rows.Current.PayloadBytes) rows.Add(_rows.Current);
            return rows.Count > 0;
        }

        public void Dispose()
        {
            _rows?.Dispose();
            _database?.Dispose();
        }
    }
}
