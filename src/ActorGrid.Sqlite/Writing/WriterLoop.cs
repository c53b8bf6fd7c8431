using ActorGrid.Persistence;

namespace ActorGrid.Sqlite;

/// <summary>The thread that writes: it takes what has gathered, does it in one transaction, and tells each caller how it ended.</summary>
/// <remarks>
/// The requests of a transaction fail together first. Then each is tried alone, and an append shard by shard, so that what is at fault
/// is told from what only had the bad luck of being beside it.
/// Where processes share the file, each transaction is a turn; the turn is null where this one has the file for itself.
/// A connection that cannot roll back may hold what nobody knows of: it writes nothing from then on, and closing it drops what it held.
/// </remarks>
internal sealed class WriterLoop(Database database, JournalWriter writer, WorkQueue<WriteRequest> queue, TurnTaker? turn, LogBound? bound, Projector projector, string path)
{
    /// <summary>A transaction takes requests up to so many rows, so that the first in it does not wait long for the last, nor another process for its turn.</summary>
    private const int RowsMax = 10_000, RowsMaxShared = 1_000;

    private readonly Statement _begin = database.Prepare("BEGIN IMMEDIATE"), _commit = database.Prepare("COMMIT");
    private StoreException? _stopped;

    /// <summary>Works until the queue is closed and empty.</summary>
    public void Run()
    {
        var requests = new List<WriteRequest>();
        while (queue.Take(requests, static request => request.Rows, turn is null ? RowsMax : RowsMaxShared))
        {
            requests.RemoveAll(static request =>
            {
                if (!request.Cancellation.IsCancellationRequested) return false;
                request.Cancel();
                return true;
            });
            writer.Trim();
            if (requests.Count == 0) continue;
            try
            {
                if (requests[0] is ProjectionRequest projection) Project(projection);
                else Write(requests);
            }
            catch (Exception e)
            {
                // Not even rolling back went well. Nobody is left waiting.
                var error = new StoreException($"Writing '{path}' failed: {e.Message}", isTransient: false, e);
                foreach (var request in requests) request.Lose(error);
            }
            finally
            {
                turn?.Leave();
            }
        }
    }

    /// <summary>Leaves nothing to be taken up by the next opening, and an empty write-ahead log. In a turn, which is kept.</summary>
    public void Finish()
    {
        if (_stopped is not null) return;
        try
        {
            _begin.Run();
            writer.AfterBegin();
            writer.IndexRuns();
            _commit.Run();
            writer.AfterCommit();
            // Others may be at work on the log; the last of them empties it when it closes.
            if (turn is not null) return;
            // Another program that reads may keep the log from being emptied, which costs nothing but space.
            using var checkpoint = database.Prepare("PRAGMA wal_checkpoint(TRUNCATE)");
            checkpoint.Step();
        }
        catch (SqliteFault fault) when (fault.Code is SQLitePCL.raw.SQLITE_FULL or SQLitePCL.raw.SQLITE_BUSY)
        {
            // All that was acknowledged is in the log; the next opening does what there was no room or no turn for.
            Rollback();
        }
    }

    private void Write(List<WriteRequest> requests)
    {
        if (!TryBegin(requests)) return;
        if (TryExecute(requests, apart: false) is null)
        {
            Commit(requests);
            return;
        }
        foreach (var request in requests) WriteApart(request);
    }

    /// <summary>Between two transactions of its own.</summary>
    private void Project(ProjectionRequest request)
    {
        if (_stopped is not null)
        {
            request.Refuse(_stopped);
            return;
        }
        try
        {
            turn?.Take();
            request.Execute(projector);
        }
        catch (Exception e)
        {
            // Most likely of the user's code; the caller gets whatever it was.
            request.Refuse(e is SqliteFault fault ? fault.Describe(path) : e);
            return;
        }
        bound?.Keep();
        turn?.Leave();
        request.Complete();
    }

    private void WriteApart(WriteRequest request)
    {
        if (!TryBegin([request])) return;
        if (TryExecute([request], apart: true) is { } error) request.Refuse(error is SqliteFault fault ? fault.Describe(path) : error);
        else Commit([request]);
    }

    /// <summary>Opens a transaction, or refuses what was to be done in it.</summary>
    private bool TryBegin(List<WriteRequest> requests)
    {
        var refusal = _stopped;
        try
        {
            if (refusal is null)
            {
                Begin();
                return true;
            }
        }
        catch (SqliteFault fault)
        {
            Rollback();
            turn?.Leave();
            refusal = fault.Describe(path);
        }
        foreach (var request in requests) request.Refuse(refusal);
        return false;
    }

    private void Begin()
    {
        if (turn is not null)
        {
            writer.CatchUp();
            turn.Take();
        }
        _begin.Run();
        writer.AfterBegin();
    }

    /// <summary>Executes requests in the open transaction, or rolls it back and returns why.</summary>
    private Exception? TryExecute(List<WriteRequest> requests, bool apart)
    {
        try
        {
            if (!apart && writer.IsIndexDue) writer.IndexRuns();
            foreach (var request in requests) request.Execute(writer, apart);
            return null;
        }
        catch (Exception error)
        {
            // Whatever it is, the transaction is not to be committed; the caller gets the error.
            Rollback();
            return error;
        }
    }

    private void Commit(List<WriteRequest> requests)
    {
        try
        {
            _commit.Run();
        }
        catch (SqliteFault fault)
        {
            Rollback();
            // A full disk and a lock are met before the page that seals the transaction is written. An I/O error may have come after it:
            // then SQLite does not count it, and the next commit writes over it, but a crash before that would bring it back.
            bool isRefused = fault.Code is SQLitePCL.raw.SQLITE_FULL or SQLitePCL.raw.SQLITE_BUSY or SQLitePCL.raw.SQLITE_NOMEM;
            foreach (var request in requests)
            {
                if (isRefused) request.Refuse(fault.Describe(path));
                else request.Lose(fault.Describe(path));
            }
            return;
        }
        bound?.Keep();
        turn?.Leave();
        writer.AfterCommit();
        foreach (var request in requests) request.Complete();
    }

    /// <summary>Takes back the transaction, and what is remembered of it, whether or not the file lets it be taken back.</summary>
    private void Rollback()
    {
        try
        {
            database.Rollback();
        }
        catch (SqliteFault fault)
        {
            _stopped = new StoreException(
                $"The store has stopped writing '{path}', because a transaction could not be rolled back. Close the store and open it again; "
                + $"what was acknowledged is on the disk. (SQLite says: {fault.Message}, code {fault.ExtendedCode})",
                isTransient: false,
                fault);
            throw _stopped;
        }
        finally
        {
            writer.AfterRollback();
            turn?.Leave();
        }
    }
}
