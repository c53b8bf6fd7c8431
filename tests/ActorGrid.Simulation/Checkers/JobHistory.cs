using ActorGrid.Actors;
using ActorGrid.Persistence;
using ActorGrid.Testing;

namespace ActorGrid.Simulation;

/// <summary>Jobs that were submitted: each ends with the right result, whoever asks for it and from wherever.</summary>
internal sealed class JobHistory
{
    private readonly List<(string Id, SumJob Job)> _submitted = [];

    /// <summary>How many results were seen.</summary>
    public int Results { get; private set; }

    /// <summary>Submits a job by one node after the other, until one of them brings the result or the time is up.</summary>
    public async Task RunAsync(SimulatedGrid grid, SeededRandom draw, TimeSpan until)
    {
        string id = $"j{_submitted.Count}";
        var job = new SumJob(draw.Next(1, 10));
        _submitted.Add((id, job));
        while (grid.Elapsed < until)
        {
            int pick = draw.Next(grid.Nodes.Count + 1);
            var node = pick == grid.Nodes.Count ? grid.Clients[0] : grid.Nodes[pick];
            if (await TryAsync(grid, node, id, job)) return;
            await grid.DelayAsync(TimeSpan.FromMilliseconds(draw.Next(1, 300)));
        }
    }

    /// <summary>Asks for the results of all jobs, of a grid that is whole.</summary>
    public async Task CheckAsync(SimulatedGrid grid)
    {
        foreach (var (id, job) in _submitted)
        {
            var by = grid.Elapsed + TimeSpan.FromSeconds(60);
            while (!await TryAsync(grid, grid.Clients[0], id, job))
            {
                if (grid.Elapsed > by) throw new PromiseBrokenException($"Job {id} ({job}) has not ended a minute after the faults have ceased.", entity: EntityOf(id));
                await grid.DelayAsync(TimeSpan.FromMilliseconds(200));
            }
        }
    }

    private static EntityId EntityOf(string id) => EntityId.Create("job", $"sum/{id}");

    private async Task<bool> TryAsync(SimulatedGrid grid, SimulatedNode node, string id, SumJob job)
    {
        // Who started a process that dies before it is a part of the grid has to start another.
        if (node.Current is null) return false;
        try
        {
            long result = await node.RunAsync(async (NodeLife life) =>
            {
                using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30), life.Process.Time);
                return await (await ((IGrid)life.Grid).Jobs.SubmitAsync(job, id, patience.Token)).ResultAsync(patience.Token);
            });
            if (result != job.Expected) throw new PromiseBrokenException($"Job {id} ({job}) resulted in {result}, not in {job.Expected}.", entity: EntityOf(id));
            Results++;
            return true;
        }
        catch (Exception e) when (e is ProcessDiedException or StoreException or OwnershipLostException or AskTimeoutException or ObjectDisposedException
            or SystemStoppedException or OverloadedException or OperationCanceledException)
        {
            grid.World.Note(EntityOf(id), $"no result: {e.Message}", node.Machine.Number);
            return false;
        }
    }
}
