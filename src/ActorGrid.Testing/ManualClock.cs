namespace ActorGrid.Testing;

/// <summary>A clock that stands still until it is moved. Its timers fire on the thread that moves it, in the order in which they are due.</summary>
/// <remarks>For one thread.</remarks>
/// <param name="start">The time at first. Default: 2000-01-01, UTC.</param>
public sealed class ManualClock(DateTimeOffset? start = null) : TimeProvider
{
    private readonly PriorityQueue<Timer, (long Due, long Number)> _timers = new();
    private readonly DateTimeOffset _start = start ?? new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private long _now;
    private long _number;

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => _start.AddTicks(_now);

    /// <inheritdoc/>
    public override long GetTimestamp() => _now;

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the clock on and fires what comes due on the way, each at its time.</summary>
    /// <param name="by">How far; zero or more.</param>
    /// <param name="afterEach">Called after every timer, with the clock at its time; default: nothing. See <see cref="Advance(TimeSpan, ManualDispatcher)"/>.</param>
    public void Advance(TimeSpan by, Action? afterEach = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        long until = _now + by.Ticks;
        while (TryTakeDue(until, out Timer? timer))
        {
            timer.Fire();
            afterEach?.Invoke();
        }

        _now = until;
    }

    /// <summary>Moves the clock on, and lets the dispatcher finish its work before it starts and at every time at which a timer fires.</summary>
    /// <param name="by">How far; zero or more.</param>
    /// <param name="dispatcher">What runs in between.</param>
    public void Advance(TimeSpan by, ManualDispatcher dispatcher)
    {
        ArgumentNullException.ThrowIfNull(dispatcher);
        dispatcher.RunUntilIdle();
        Advance(by, () => dispatcher.RunUntilIdle());
    }

    /// <summary>Moves the clock on until something is so, asked before the first and after each timer, or until that time is over.</summary>
    internal void AdvanceUntil(Func<bool> isSo, TimeSpan atMost)
    {
        long until = _now + atMost.Ticks;
        while (!isSo())
        {
            if (!TryTakeDue(until, out Timer? timer))
            {
                _now = until;
                return;
            }
            timer.Fire();
        }
    }

    private bool TryTakeDue(long until, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Timer? timer)
    {
        while (_timers.TryPeek(out timer, out (long Due, long Number) at))
        {
            if (timer.IsSetFor(at.Number) && at.Due > until) return false;
            _timers.Dequeue();
            if (!timer.IsSetFor(at.Number)) continue;
            _now = Math.Max(_now, at.Due);
            return true;
        }

        return false;
    }

    private sealed class Timer(ManualClock clock, TimerCallback callback, object? state) : ITimer
    {
        private long _setting;
        private TimeSpan _period;

        public bool IsSetFor(long number) => _setting == number;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _period = period;
            _setting = ++clock._number;
            if (dueTime != Timeout.InfiniteTimeSpan) clock._timers.Enqueue(this, (clock._now + dueTime.Ticks, _setting));
            return true;
        }

        public void Fire()
        {
            if (_period > TimeSpan.Zero) Change(_period, _period);
            else _setting = 0;
            callback(state);
        }

        public void Dispose() => _setting = 0;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
