using ActorGrid.Actors;
using ActorGrid.Cluster;

namespace ActorGrid.Testing;

/// <summary>The clocks of a machine as a process reads them; its timers end with it.</summary>
internal sealed class ProcessTime(SimulatedProcess process) : TimeProvider, IBootClock
{
    private readonly MachineClock _clock = process.Machine.Clock;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public TimeSpan Uptime => _clock.Uptime;

    public override DateTimeOffset GetUtcNow() => _clock.UtcNow;

    public override long GetTimestamp() => _clock.Monotonic;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ProcessTimer(process, callback, state);
        _clock.Add(timer);
        timer.Change(dueTime, period);
        return timer;
    }
}

/// <summary>A timer of a process, by the monotonic clock of its machine.</summary>
internal sealed class ProcessTimer(SimulatedProcess process, TimerCallback callback, object? state) : ITimer, IOccurrence, IRunnable
{
    private long _setting;
    private long _due = long.MaxValue;
    private long _firing;
    private TimeSpan _period;
    private bool _disposed;

    public bool IsOver => _disposed || process.IsDead;

    /// <summary>Whether it will fire.</summary>
    public bool IsArmed => !IsOver && _due != long.MaxValue;

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        if (IsOver) return false;
        _period = period;
        _setting++;
        _due = dueTime < TimeSpan.Zero ? long.MaxValue : process.Machine.Clock.Monotonic + dueTime.Ticks;
        Rearm();
        return true;
    }

    /// <summary>Puts it on the agenda by what the clock shows now.</summary>
    public void Rearm()
    {
        if (_due == long.MaxValue || IsOver || process.Machine.Clock.IsSuspended) return;
        process.World.At(process.Machine.Clock.WorldTicksAt(_due), this, _setting);
    }

    public void Occur(long argument)
    {
        if (argument != _setting || IsOver || process.Machine.Clock.IsSuspended || _firing == _setting) return;
        if (process.Machine.Clock.Monotonic < _due)
        {
            Rearm();
            return;
        }
        _firing = _setting;
        process.Enqueue(new Work(process, this, State: null));
    }

    public void Run()
    {
        if (_firing != _setting || IsOver) return;
        _due = long.MaxValue;
        if (process == process.World.Outside) process.World.Progressed();
        if (_period > TimeSpan.Zero) Change(_period, _period);
        callback(state);
    }

    public void Dispose()
    {
        _disposed = true;
        process.Machine.Clock.Remove(this);
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return default;
    }
}
