using ActorGrid.Actors;

namespace ActorGrid.Testing;

/// <summary>
/// Runs the parts of jobs as a thread of its own does: each piece of work takes its time, mostly a little, sometimes long, while the rest of the process goes on;
/// so a process can die in the midst of a part.
/// </summary>
internal sealed class SimulatedWorker(SimulatedProcess process) : Dispatcher
{
    private const double LeastMs = 0.1;
    private const double MostMs = 500;
    private bool _disposed;

    public override bool Schedule(IRunnable work)
    {
        var world = process.World;
        if (_disposed || !world.IsOnThread(work) || process.IsDead) return false;
        // Evenly distributed by order of magnitude.
        double ms = LeastMs * Math.Pow(MostMs / LeastMs, world.Random.NextDouble());
        world.After(TimeSpan.FromMilliseconds(ms), new DelayedWork(new Work(process, work, State: null)));
        return true;
    }

    public override ValueTask DisposeAsync()
    {
        _disposed = true;
        return default;
    }
}
