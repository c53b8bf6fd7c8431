using ActorGrid.Persistence;

namespace ActorGrid.Sqlite;

/// <summary>The thread of the view and the leases. Each request is a short transaction, in a turn that goes before all bulk writing.</summary>
internal sealed class ClusterLoop(Database database, ClusterTables tables, TurnTaker turn, WorkQueue<ClusterRequest> queue, string path)
{
    private readonly Statement _begin = database.Prepare("BEGIN IMMEDIATE"), _commit = database.Prepare("COMMIT");

    /// <summary>Works until the queue is closed and empty.</summary>
    public void Run()
    {
        // What killed processes have left. Whoever opens the file next tries again if this fails.
        Do(new ClusterRequest<bool>(static tables => tables.Sweep()) { Writes = Durability.OutlivesProcess, Cancellation = CancellationToken.None });
        var requests = new List<ClusterRequest>();
        while (queue.Take(requests, static _ => 1, 1)) Do(requests[0]);
    }

    private void Do(ClusterRequest request)
    {
        if (request.Cancellation.IsCancellationRequested)
        {
            request.Cancel();
            return;
        }
        try
        {
            if (request.Writes == Durability.Reads) request.Execute(tables);
            else Write(request);
            request.Complete();
        }
        catch (SqliteFault fault)
        {
            request.Fail(fault.Describe(path));
        }
        catch (Exception e)
        {
            // The caller gets whatever it was; the thread goes on to serve the others.
            request.Fail(e is IOException or UnauthorizedAccessException ? new StoreException($"The locks beside '{path}' failed: {e.Message}", isTransient: true, e) : e);
        }
    }

    private void Write(ClusterRequest request)
    {
        turn.Take();
        try
        {
            database.Execute(request.Writes == Durability.OutlivesHost ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
            _begin.Run();
            request.Execute(tables);
            _commit.Run();
        }
        finally
        {
            // Whatever failed, it is not committed by what comes next.
            database.Rollback();
            turn.Leave();
        }
    }
}
