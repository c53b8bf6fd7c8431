namespace ActorGrid.Testing;

/// <summary>A machine: it has clocks and a place in the network, and outlives the processes that run on it, one after the other.</summary>
internal sealed class SimulatedMachine
{
    internal SimulatedMachine(World world, int number, string name)
    {
        World = world;
        Number = number;
        Name = name;
        Clock = new MachineClock(world);
    }

    public World World { get; }

    /// <summary>Its number among those of the world, from 0.</summary>
    public int Number { get; }

    public string Name { get; }

    public MachineClock Clock { get; }

    /// <summary>The process that runs, or ran last.</summary>
    public SimulatedProcess? Process { get; private set; }

    /// <summary>How many processes were started.</summary>
    public int Lives { get; private set; }

    /// <summary>Whether it is gone from the network without a word, until the next process starts.</summary>
    public bool IsLost { get; private set; }

    public bool IsRunning => Process is { IsDead: false };

    /// <summary>Starts a process.</summary>
    public SimulatedProcess Start()
    {
        if (IsRunning) throw new InvalidOperationException($"A process runs on {Name} already.");
        if (Clock.IsSuspended) Clock.Resume();
        IsLost = false;
        Process = new SimulatedProcess(this, ++Lives);
        World.Trace.Add(new TraceEntry(World.NowTicks, TraceKind.Started, Number, -1, Lives, 0, null));
        World.Network.OnMachineBack(this);
        return Process;
    }

    /// <summary>The process ends at once, with all that it had in memory.</summary>
    /// <param name="isLost">Whether the machine goes with it: then its peers are told nothing.</param>
    public void Kill(bool isLost = false)
    {
        if (Process is not { IsDead: false } process) return;
        IsLost = isLost;
        World.Trace.Add(new TraceEntry(World.NowTicks, TraceKind.Ended, Number, -1, isLost ? 1 : 0, 0, null));
        process.Die();
        if (!isLost) World.Network.OnProcessGone(process);
        World.Database?.OnProcessGone(process, isLost);
    }

    /// <summary>The process stands still: a stopped process, or a long collection of garbage. Its clocks go on.</summary>
    public void Pause() => Process?.Stop();

    /// <summary>The process goes on after <see cref="Pause"/>.</summary>
    public void Resume() => Process?.GoOn();

    /// <summary>The machine stands still, is gone from the network, and its monotonic clock stands still too.</summary>
    public void Suspend()
    {
        if (Clock.IsSuspended) return;
        Clock.Suspend();
        Process?.Stop();
    }

    /// <summary>The machine goes on after <see cref="Suspend"/>.</summary>
    public void Wake()
    {
        if (!Clock.IsSuspended) return;
        Clock.Resume();
        Process?.GoOn();
        World.Network.Flush();
    }
}
