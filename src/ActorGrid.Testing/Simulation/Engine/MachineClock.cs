namespace ActorGrid.Testing;

/// <summary>The clocks of a machine: a monotonic one that drifts, and stands still while the machine is suspended; one that counts from its boot and does
/// not stand still; and the time of day, which jumps.</summary>
internal sealed class MachineClock(World world)
{
    private const long Million = 1_000_000;
    private readonly List<ProcessTimer> _timers = [];
    private long _sinceWorldTicks;
    private long _base;
    private long _suspended;
    private long _suspendedAt = -1;
    private long _jump;

    /// <summary>By how much it is fast, in parts of a million; negative: slow.</summary>
    public long DriftPpm { get; private set; }

    public bool IsSuspended => _suspendedAt >= 0;

    public long Monotonic => IsSuspended ? _base : _base + Scale(world.NowTicks - _sinceWorldTicks);

    public TimeSpan Uptime => new(Monotonic + _suspended + (IsSuspended ? world.NowTicks - _suspendedAt : 0));

    public DateTimeOffset UtcNow => World.Epoch + Uptime + new TimeSpan(_jump);

    /// <summary>Whether anything waits for a time to come.</summary>
    public bool HasTimers => _timers.Exists(static timer => timer.IsArmed);

    /// <summary>Lets the time of day jump.</summary>
    public void Jump(TimeSpan by) => _jump += by.Ticks;

    /// <summary>Lets the time of day jump to that distance from the right one.</summary>
    public void SetJump(TimeSpan distance) => _jump = distance.Ticks;

    public void SetDrift(long ppm)
    {
        Rebase();
        DriftPpm = ppm;
        RearmAll();
    }

    public void Suspend()
    {
        if (IsSuspended) return;
        Rebase();
        _suspendedAt = world.NowTicks;
    }

    public void Resume()
    {
        if (!IsSuspended) return;
        _suspended += world.NowTicks - _suspendedAt;
        _suspendedAt = -1;
        _sinceWorldTicks = world.NowTicks;
        RearmAll();
    }

    /// <summary>When, in the time of the world, the monotonic clock will show that, if nothing changes.</summary>
    public long WorldTicksAt(long monotonic)
    {
        long ahead = Math.Max(0, monotonic - Monotonic);
        return world.NowTicks + (DriftPpm == 0 ? ahead : (long)Math.Ceiling((double)ahead * Million / (Million + DriftPpm)) + 1);
    }

    public void Add(ProcessTimer timer) => _timers.Add(timer);

    public void Remove(ProcessTimer timer) => _timers.Remove(timer);

    private void Rebase()
    {
        _base = Monotonic;
        _sinceWorldTicks = world.NowTicks;
    }

    private void RearmAll()
    {
        _timers.RemoveAll(static timer => timer.IsOver);
        foreach (var timer in _timers) timer.Rearm();
    }

    private long Scale(long ticks) => DriftPpm == 0 ? ticks : ticks + (long)((double)ticks * DriftPpm / Million);
}
