namespace ActorGrid.Testing;

/// <summary>
/// All that a simulation consists of: machines with their processes, the network between them, the database, and the time, which moves on when nothing is left
/// to run. Everything runs on the thread that calls <see cref="Run"/>; every choice comes from one seed.
/// </summary>
internal sealed class World
{
    /// <summary>The time of day at which every world begins.</summary>
    public static readonly DateTimeOffset Epoch = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Work at one moment of virtual time; more is taken for work that makes work for ever.</summary>
    private const int StepsPerMomentMax = 2_000_000;

    /// <summary>After so long without anything that the script could wait for, it waits in vain.</summary>
    private static readonly TimeSpan QuietMax = TimeSpan.FromMinutes(2);

    private readonly Agenda _agenda = new();
    private readonly List<SimulatedMachine> _machines = [];
    private readonly Queue<Action> _next = new();
    private Work[] _ready = new Work[64];
    private int _readyCount;
    private int _stepsOfMoment;
    private long _progressedAt;
    private int _thread = Environment.CurrentManagedThreadId;
    private Exception? _failure;

    /// <summary>Makes a world at its beginning.</summary>
    /// <param name="seed">Decides everything.</param>
    /// <param name="isRecorded">Whether the trace is kept.</param>
    /// <param name="stutter">How often a piece of work is held up for a moment, as a thread that loses its processor is.</param>
    public World(ulong seed, bool isRecorded = false, double stutter = 0.002)
    {
        Seed = seed;
        Stutter = stutter;
        Random = new SeededRandom(seed);
        Trace = new Trace(isRecorded);
        Network = new SimulatedNetwork(this);
        Outside = AddMachine("outside").Start();
    }

    public ulong Seed { get; }

    public double Stutter { get; set; }

    /// <summary>For the choices of the world; processes get seeds of their own from it.</summary>
    public SeededRandom Random { get; }

    public Trace Trace { get; }

    public SimulatedNetwork Network { get; }

    /// <summary>The database, if there is one.</summary>
    public SimulatedDatabase? Database { get; set; }

    /// <summary>A process that no fault befalls: where scripts run.</summary>
    public SimulatedProcess Outside { get; }

    public IReadOnlyList<SimulatedMachine> Machines => _machines;

    /// <summary>The time since the beginning, in ticks.</summary>
    public long NowTicks { get; private set; }

    /// <summary>How many pieces of work have run.</summary>
    public long Steps { get; private set; }

    public SimulatedMachine AddMachine(string name)
    {
        var machine = new SimulatedMachine(this, _machines.Count, name);
        _machines.Add(machine);
        Network.OnMachineAdded();
        return machine;
    }

    /// <summary>Lets something happen at a time.</summary>
    public void At(long ticks, IOccurrence what, long argument = 0) => _agenda.Add(Math.Max(ticks, NowTicks), what, argument);

    /// <summary>Lets something happen after a time.</summary>
    public void After(TimeSpan delay, IOccurrence what, long argument = 0) => At(NowTicks + delay.Ticks, what, argument);

    /// <summary>Lets something happen after a time, for what is rare.</summary>
    public void After(TimeSpan delay, Action action) => After(delay, new Deed(action));

    /// <summary>Starts asynchronous work outside of all machines, from wherever in the world; it has to handle its own failures.</summary>
    public void Post(Func<Task> body) => Outside.Enqueue(new Work(Outside, (SendOrPostCallback)(_ => _ = body()), null));

    /// <summary>Lets something happen before the next piece of work, but not within the present one.</summary>
    public void Next(Action action) => _next.Enqueue(action);

    /// <summary>Puts something in words on the trace.</summary>
    public void Say(TraceKind kind, string words, int machine = -1, int shard = -1) =>
        Trace.Add(new TraceEntry(NowTicks, kind, machine, shard, 0, 0, words));

    /// <summary>Puts something about an entity on the trace, if that is kept.</summary>
    public void Note(Persistence.EntityId entity, string words, int machine = -1, int ask = 0)
    {
        if (Trace.IsRecorded) Trace.Add(new TraceEntry(NowTicks, TraceKind.Note, machine, -1, 0, 0, new EntityNote(entity, words, ask)));
    }

    /// <summary>Something has happened that a script may wait for: not only what a grid does all the time.</summary>
    public void Progressed() => _progressedAt = NowTicks;

    /// <summary>Ends the run with that failure; the first counts.</summary>
    public void Fail(Exception failure) => _failure ??= failure;

    /// <summary>Runs a script in the world, until it has ended.</summary>
    /// <param name="script">Runs in the process <see cref="Outside"/>.</param>
    /// <param name="limit">The virtual time that it may take.</param>
    /// <exception cref="SimulationStuckException">It did not end within <paramref name="limit"/>, or waits for what will never come.</exception>
    public void Run(Func<Task> script, TimeSpan limit)
    {
        _thread = Environment.CurrentManagedThreadId;
        var outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            var ended = Outside.RunAsync(script);
            RunUntil(ended, NowTicks + limit.Ticks, limit);
#pragma warning disable VSTHRD002 // It has completed.
            ended.GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
        }
    }

    internal void AddReady(in Work work)
    {
        if (_readyCount == _ready.Length) Array.Resize(ref _ready, _readyCount * 2);
        _ready[_readyCount++] = work;
    }

    /// <summary>Whether this is the thread of the world; if not, something has escaped, and the run ends.</summary>
    internal bool IsOnThread(object what)
    {
        if (Environment.CurrentManagedThreadId == _thread) return true;
        var escaped = new InvalidOperationException(
            $"{what} came from another thread: something awaited has left the simulation (Task.Run, a real timer, real I/O, ConfigureAwait(false)). {Environment.StackTrace}");
        Interlocked.CompareExchange(ref _failure, escaped, null);
        return false;
    }

    private void RunUntil(Task ended, long untilTicks, TimeSpan limit)
    {
        while (!ended.IsCompleted)
        {
            if (_readyCount > 0)
            {
                RunOne();
            }
            else
            {
                if (_agenda.Count == 0) throw new SimulationStuckException("Nothing is left to run, and the script has not ended: it waits for what will never come.");
                if (_agenda.NextDue > untilTicks)
                    throw new SimulationStuckException($"The script has not ended within {limit} of virtual time: it repeats something in vain, or needs a longer {nameof(SimulatedGridOptions.TimeLimit)}.");
                if (NowTicks - _progressedAt > QuietMax.Ticks && !Outside.Machine.Clock.HasTimers)
                    throw new SimulationStuckException($"The script awaits what has not come for {QuietMax} of virtual time, and will never come: it waits without a timer, and no entity has written anything meanwhile. (What may come later is waited for with grid.DelayAsync or grid.UntilAsync.)");
                var next = _agenda.Take();
                if (next.Due > NowTicks) _stepsOfMoment = 0;
                NowTicks = next.Due;
                next.What.Occur(next.Argument);
            }
            while (_next.TryDequeue(out var action)) action();
            if (_failure is { } failure) throw failure;
        }
    }

    private void RunOne()
    {
        int pick = _readyCount == 1 ? 0 : Random.Next(_readyCount);
        var work = _ready[pick];
        _ready[pick] = _ready[--_readyCount];
        _ready[_readyCount] = default;
        var process = work.Process;
        if (process.IsDead) return;
        if (process.IsStopped)
        {
            process.Hold(work);
            return;
        }
        if (Random.Chance(Stutter))
        {
            After(Random.Between(TimeSpan.FromMicroseconds(50), TimeSpan.FromMilliseconds(20)), new DelayedWork(work));
            return;
        }
        Steps++;
        if (++_stepsOfMoment > StepsPerMomentMax)
            throw new SimulationStuckException($"Time stands still: {StepsPerMomentMax} pieces of work have run at one moment; the next is {work.Body} on {process.Machine.Name}.");
        Trace.Step(NowTicks, process.Machine.Number);
        SynchronizationContext.SetSynchronizationContext(process.Context);
        try
        {
            work.Run();
        }
        catch (Exception e)
        {
            Fail(new InvalidOperationException($"{work.Body} on {process.Machine.Name} threw what nobody caught, which ends a real process: {e.Message}", e));
        }
        SynchronizationContext.SetSynchronizationContext(null);
    }

    private sealed class Deed(Action action) : IOccurrence
    {
        public void Occur(long argument) => action();
    }
}

/// <summary>A simulation does not come to its end.</summary>
/// <param name="message">What it waits for.</param>
public sealed class SimulationStuckException(string message) : Exception(message);
