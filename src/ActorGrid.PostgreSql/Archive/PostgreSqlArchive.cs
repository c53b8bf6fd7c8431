using System.Runtime.CompilerServices;
using ActorGrid.Persistence;

namespace ActorGrid.PostgreSql;

/// <summary>Reads all rows in one snapshot of the server, and writes them in one transaction; either on a session of its own.</summary>
internal sealed class PostgreSqlArchive(GridIdentity grid, Sessions sessions) : IGridArchive
{
    public async IAsyncEnumerable<ArchiveRow> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var rows = new List<ArchiveRow>();
        await using var reader = new ArchiveReader(grid, sessions);
        while (await Detached.Run(() => FillAsync(reader, rows, cancellationToken)))
        {
            foreach (var row in rows) yield return row;
        }
    }

    public Task WriteAsync(IAsyncEnumerable<ArchiveRow> rows, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return Detached.Run(() => WriteAllAsync(rows, cancellationToken));
    }

    private async Task<bool> FillAsync(ArchiveReader reader, List<ArchiveRow> rows, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.FillAsync(rows, cancellationToken);
        }
        catch (Exception e) when (ServerFault.IsKnown(e))
        {
            throw ServerFault.Describe(e, sessions.Server);
        }
    }

    private async Task<bool> WriteAllAsync(IAsyncEnumerable<ArchiveRow> rows, CancellationToken cancellationToken)
    {
        // What goes wrong where the rows come from is not the server's.
        bool isReading = false, isCommitting = false;
        try
        {
            await using var connection = await sessions.ConnectArchiveAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await using (var writer = new ArchiveWriter(connection, grid, sessions.Server))
            {
                await writer.BeginAsync(cancellationToken);
                isReading = true;
                await foreach (var row in ArchiveCheck.Of(rows, grid, cancellationToken))
                {
                    isReading = false;
                    await writer.WriteAsync(row, cancellationToken);
                    isReading = true;
                }
                isReading = false;
                await writer.EndAsync(cancellationToken);
            }
            isCommitting = true;
            bool isReplicaWaitGivenUp = false;
            connection.Notice += (_, e) => isReplicaWaitGivenUp |= e.Notice.Routine is "SyncRepWaitForLSN";
            await transaction.CommitAsync(CancellationToken.None);
            if (isReplicaWaitGivenUp) throw new StoreException("The archive is written, but perhaps on one server alone: it gave up waiting for its replica. See that the replica has caught up before a grid starts on it.", isTransient: false);
            return true;
        }
        catch (Exception e) when (!isReading && ServerFault.IsKnown(e))
        {
            var error = ServerFault.Describe(e, sessions.Server);
            if (isCommitting && !ServerFault.IsRefusal(e)) throw new StoreException($"It is not known whether the archive was written: look into the schema before another try. {error.Message}", error.IsTransient, e);
            throw error;
        }
    }
}
