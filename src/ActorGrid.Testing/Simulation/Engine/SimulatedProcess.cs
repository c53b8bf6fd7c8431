using ActorGrid.Actors;

namespace ActorGrid.Testing;

/// <summary>One life of a process on a machine: what it schedules runs in the world's queue until it dies.</summary>
internal sealed class SimulatedProcess
{
    private readonly Queue<Work> _held = new();
    private readonly Dictionary<object, Action> _mourners = [];
    private int _stops;
    private long _stoppedAt;

    internal SimulatedProcess(SimulatedMachine machine, int life)
    {
        Machine = machine;
        Life = life;
        Dispatcher = new SimulatedDispatcher(this);
        Context = new SimulatedContext(this);
        Time = new ProcessTime(this);
    }

    public SimulatedMachine Machine { get; }

    /// <summary>Which life of its machine, from 1.</summary>
    public int Life { get; }

    public World World => Machine.World;

    public Dispatcher Dispatcher { get; }

    public SynchronizationContext Context { get; }

    public ProcessTime Time { get; }

    public bool IsDead { get; private set; }

    /// <summary>Whether it stands still.</summary>
    public bool IsStopped => _stops > 0;

    /// <summary>Starts asynchronous work in the process.</summary>
    /// <typeparam name="T">Its result.</typeparam>
    /// <returns>Its outcome, for a caller who outlives the process: a <see cref="ProcessDiedException"/> if that dies first.</returns>
    public Task<T> RunAsync<T>(Func<Task<T>> body)
    {
        var outcome = new TaskCompletionSource<T>();
        if (IsDead)
        {
            outcome.SetException(new ProcessDiedException(Machine.Name));
            return outcome.Task;
        }
        _mourners.Add(outcome, () => outcome.TrySetException(new ProcessDiedException(Machine.Name)));
        Enqueue(new Work(this, (SendOrPostCallback)(_ => _ = CarryOutAsync(body, outcome)), null));
        return outcome.Task;
    }

    /// <summary>Starts asynchronous work in the process.</summary>
    public Task RunAsync(Func<Task> body) => RunAsync(async () =>
    {
        await body();
        return true;
    });

    internal bool Enqueue(Work work)
    {
        if (!World.IsOnThread(work.Body) || IsDead) return false;
        World.AddReady(work);
        return true;
    }

    /// <summary>Keeps what should run while the process stands still.</summary>
    internal void Hold(in Work work) => _held.Enqueue(work);

    /// <summary>How long it has stood still in all, in ticks of the world.</summary>
    public long StoodStillTicks { get; private set; }

    internal void Stop()
    {
        if (_stops++ == 0) _stoppedAt = World.NowTicks;
    }

    internal void GoOn()
    {
        if (_stops == 0 || --_stops > 0) return;
        StoodStillTicks += World.NowTicks - _stoppedAt;
        while (_held.TryDequeue(out var work)) World.AddReady(work);
    }

    internal void Die()
    {
        IsDead = true;
        _held.Clear();
        foreach (var tell in _mourners.Values) tell();
        _mourners.Clear();
    }

    private async Task CarryOutAsync<T>(Func<Task<T>> body, TaskCompletionSource<T> outcome)
    {
        try
        {
            var result = await body();
            _mourners.Remove(outcome);
            outcome.TrySetResult(result);
        }
        catch (Exception e)
        {
            _mourners.Remove(outcome);
            outcome.TrySetException(e);
        }
    }
}

/// <summary>The simulated process that worked on this has died.</summary>
/// <param name="machine">Where it ran.</param>
public sealed class ProcessDiedException(string machine) : Exception($"The process on {machine} died before there was a result.");
