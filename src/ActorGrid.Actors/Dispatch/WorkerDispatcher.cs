using System.Collections.Concurrent;

namespace ActorGrid.Actors;

/// <summary>Threads of its own, each with a run queue that only it uses and an inbox; idle ones take from busy ones. While one is stuck in user
/// code (blocking or computing for long), one more stands in for it.</summary>
/// <remarks>Work scheduled from a worker goes to that worker's own queue, first in, first out. Idle workers look around for a few microseconds
/// and then sleep; a system without work uses no processor time.</remarks>
public sealed class WorkerDispatcher : Dispatcher
{
    /// <summary>The most workers that may be added while others are stuck: one for each that is blocked, and one if any computes for long.</summary>
    public const int ExtraWorkersMax = 256;

    private static readonly TimeSpan MonitorInterval = TimeSpan.FromMilliseconds(5);
    private const int QuietLooksBeforeSleep = 20;

    /// <summary>How many workers are asked whether they are idle before the work goes to a busy one, from which the idle can take it.</summary>
    private const int LooksForIdleMax = 4;

    private readonly Lock _changing = new();
    private readonly string _name;
    private readonly int _count;
    private readonly Bed _monitorBed = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentQueue<Observation> _observations = new();
    private Worker[] _workers = [];
    private int _nextWorker;
    private int _sleeping;
    private int _searching;
    private int _standIns;
    private int _started;
    private int _alive;
    private int _monitorAsleep;
    private bool _closing;

    /// <summary>Starts the workers.</summary>
    /// <param name="workers">How many, from 1; default: the number of processors.</param>
    /// <param name="name">What their threads are called.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="workers"/> is less than 1.</exception>
    public WorkerDispatcher(int? workers = null, string name = "actorgrid")
    {
        _count = workers ?? Environment.ProcessorCount;
        ArgumentOutOfRangeException.ThrowIfLessThan(_count, 1, nameof(workers));
        _name = name;
        lock (_changing)
        {
            for (int i = 0; i < _count; i++) AddWorker(isExtra: false);
        }

        new Thread(Monitor) { IsBackground = true, Name = name + "-monitor" }.UnsafeStart();
    }

    /// <summary>How many workers there are now, those that stand in for stuck ones included.</summary>
    public int WorkerCount => Volatile.Read(ref _workers).Length;

    internal Worker[] Workers => Volatile.Read(ref _workers);

    /// <summary>Whether some worker has more than it can do at once.</summary>
    internal bool HasSurplus => Array.Exists(Workers, static w => w.HasSurplus);

    internal bool IsClosing => Volatile.Read(ref _closing);

    /// <inheritdoc/>
    public override bool Schedule(IRunnable work)
    {
        if (Worker.Current is { } worker && worker.Dispatcher == this)
        {
            worker.Push(work);
            return true;
        }

        return ScheduleFromOutside(work);
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        lock (_changing)
        {
            _closing = true;
            foreach (Worker worker in _workers) worker.WakeIfAsleep();
        }

        WakeMonitor();
        return new ValueTask(_ended.Task);
    }

    /// <summary>Completes when the monitor, at one of its looks, finds that <paramref name="condition"/> holds.</summary>
    internal Task ObserveAsync(Func<WorkerDispatcher, bool> condition)
    {
        var observation = new Observation(condition);
        _observations.Enqueue(observation);
        WakeMonitor();
        return observation.Held.Task;
    }

    /// <summary>Called by a worker that has more than it can do at once.</summary>
    internal void WakeHelper()
    {
        if (Volatile.Read(ref _sleeping) == 0 || Volatile.Read(ref _searching) != 0) return;
        foreach (Worker worker in Workers)
        {
            if (worker.WakeIfAsleep()) return;
        }
    }

    internal void BeginSearch() => Interlocked.Increment(ref _searching);

    internal void EndSearch() => Interlocked.Decrement(ref _searching);

    internal void OnSleeping() => Interlocked.Increment(ref _sleeping);

    internal void OnWoken()
    {
        Interlocked.Decrement(ref _sleeping);
        WakeMonitor();
    }

    internal bool MustRetire(Worker worker) => worker.IsExtra && Workers.Length > _count + Volatile.Read(ref _standIns);

    /// <summary>Takes an extra worker out of the list when fewer are stuck than stand in. It must have nothing left to do.</summary>
    internal bool TryRetire(Worker worker)
    {
        if (!MustRetire(worker)) return false;
        lock (_changing)
        {
            return MustRetire(worker) && EndAndRemove(worker);
        }
    }

    /// <summary>Takes a worker out of the list when the dispatcher is closing and no worker has anything left.</summary>
    internal bool TryEnd(Worker worker)
    {
        if (!MayEnd()) return false;
        lock (_changing)
        {
            return MayEnd() && EndAndRemove(worker);
        }
    }

    /// <summary>Called last by every worker, after it has left the list.</summary>
    internal void OnEnded()
    {
        lock (_changing)
        {
            if (--_alive == 0) _ended.TrySetResult();
        }
    }

    private bool MayEnd() => Array.TrueForAll(Workers, w => !w.HasWork);

    /// <summary>For whoever holds the lock. What is brought under it finds the worker in the list or does not; what is brought without it is told that
    /// the worker has ended.</summary>
    private bool EndAndRemove(Worker worker)
    {
        if (!worker.TryEnd()) return false;
        Volatile.Write(ref _workers, [.. _workers.Where(w => w != worker)]);
        return true;
    }

    private bool ScheduleFromOutside(IRunnable work)
    {
        Worker[] workers = Workers;
        if (workers.Length == _count && !IsClosing)
        {
            // The regular workers never retire, so no lock is needed: index only among them.
            // Who took the last gets this one, too, unless it is busy: it is still awake, and the others may sleep on.
            int at = Volatile.Read(ref _nextWorker);
            for (int tries = Math.Min(workers.Length, LooksForIdleMax); tries > 0 && workers[at].IsBusy; tries--)
            {
                at = at + 1 == workers.Length ? 0 : at + 1;
                Volatile.Write(ref _nextWorker, at);
            }

            return workers[at].Bring(work) || Recover(workers[at], work);
        }

        lock (_changing)
        {
            if (_workers.Length == 0) return false;
            // One of the newest, which are the least likely to be stuck; who is idle takes from whom it finds busy.
            (Array.FindLast(_workers, w => !w.IsBusy) ?? _workers[^1]).Bring(work);
            return true;
        }
    }

    /// <summary>For work that was brought to a worker as it ended, because the dispatcher began to close meanwhile. All that such a worker holds goes to another one.</summary>
    /// <returns><see langword="false"/> if there is no other, and the work will not run.</returns>
    private bool Recover(Worker ended, IRunnable work)
    {
        lock (_changing)
        {
            // With nobody left, the work will run only if it was handed over while there was.
            if (_workers.Length == 0) return !ended.HoldsInInbox(work);
            if (!_workers.Contains(ended)) ended.MoveInboxTo(_workers[^1]);
            return true;
        }
    }

    private void AddWorker(bool isExtra)
    {
        var worker = new Worker(this, $"{_name}-{++_started}", isExtra);
        Volatile.Write(ref _workers, [.. _workers, worker]);
        _alive++;
        worker.Start();
    }

    private void WakeMonitor()
    {
        if (Volatile.Read(ref _monitorAsleep) == 1 && Interlocked.Exchange(ref _monitorAsleep, 0) == 1) _monitorBed.Wake();
    }

    /// <summary>Looks for stuck workers while any worker is awake; sleeps when all have been asleep for a while.</summary>
    private void Monitor()
    {
        int quiet = 0;
        while (true)
        {
            Worker[] workers = Workers;
            if (IsClosing && workers.Length == 0) return;
            if (Volatile.Read(ref _sleeping) < workers.Length)
            {
                quiet = 0;
            }
            else if (_observations.IsEmpty && ++quiet > QuietLooksBeforeSleep)
            {
                Interlocked.Exchange(ref _monitorAsleep, 1);
                if ((IsClosing || !_observations.IsEmpty || Volatile.Read(ref _sleeping) < Workers.Length) && Interlocked.Exchange(ref _monitorAsleep, 0) == 1) continue;
                _monitorBed.Sleep();
                quiet = 0;
                continue;
            }

            _monitorBed.Sleep(MonitorInterval);
            Relieve(Workers);
            AnswerObservers();
        }
    }

    private void Relieve(Worker[] workers)
    {
        int blocked = 0, computing = 0;
        bool waiting = false;
        foreach (Worker worker in workers)
        {
            if (!worker.LookStuck()) continue;
            if (worker.IsBlocked) blocked++;
            else computing++;
            waiting |= worker.HasWork;
        }

        // A blocked thread leaves a processor free, so each gets a stand-in. One that computes does not: one more keeps short work going
        // beside long computations, more of them would only take turns.
        Volatile.Write(ref _standIns, blocked + Math.Min(computing, 1));
        foreach (Worker worker in workers)
        {
            if (worker.IsAsleep && MustRetire(worker)) worker.WakeIfAsleep();
        }

        if (!waiting || Array.Exists(workers, w => w.WakeIfAsleep())) return;
        lock (_changing)
        {
            // With none in the list all have ended, and nothing waits.
            if (_workers.Length > 0 && _workers.Length < _count + Math.Min(_standIns, ExtraWorkersMax)) AddWorker(isExtra: true);
        }
    }

    private void AnswerObservers()
    {
        for (int open = _observations.Count; open > 0 && _observations.TryDequeue(out Observation? observation); open--)
        {
            if (observation.Condition(this)) observation.Held.TrySetResult();
            else _observations.Enqueue(observation);
        }
    }

    private sealed record Observation(Func<WorkerDispatcher, bool> Condition)
    {
        public TaskCompletionSource Held { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
