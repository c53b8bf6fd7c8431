using System.Text.Json;
using ActorGrid.Cluster;
using ActorGrid.Persistence;

namespace ActorGrid.Testing;

/// <summary>Watches the journals of jobs: a part whose result is recorded is never begun again, nor recorded twice.</summary>
internal sealed class JobChecker : IStoreObserver
{
    private readonly HashSet<(EntityId Job, int Part)> _done = [];

    /// <summary>How many parts were recorded as done.</summary>
    public int PartsDone => _done.Count;

    public void OnAppend(SimulatedProcess writer, ShardAppend append, AppendOutcome outcome)
    {
        if (outcome.Status != AppendStatus.Committed) return;
        foreach (var e in append.Events)
        {
            if (e.Entity.Type != "job") continue;
            if (e.Manifest == "done" && !_done.Add((e.Entity, NumberIn(e, "Part"))))
                throw new PromiseBrokenException($"Part {NumberIn(e, "Part")} of {e.Entity} was recorded as done twice.", append.Shard.Value, e.Entity);
            if (e.Manifest == "started" && _done.Contains((e.Entity, NumberIn(e, "Step"))))
                throw new PromiseBrokenException($"Part {NumberIn(e, "Step")} of {e.Entity} was begun again after it was done.", append.Shard.Value, e.Entity);
        }
    }

    public void OnFence(SimulatedProcess writer, FenceRaise raise, FenceOutcome outcome)
    {
    }

    public void OnView(SimulatedProcess writer, ClusterView view, IReadOnlyList<Revocation> revocations)
    {
    }

    /// <summary>A number of an event, which is left out of it when it is zero.</summary>
    private static int NumberIn(JournalEvent e, string name)
    {
        using var json = JsonDocument.Parse(e.Payload);
        return json.RootElement.TryGetProperty(name, out var number) ? number.GetInt32() : 0;
    }
}
