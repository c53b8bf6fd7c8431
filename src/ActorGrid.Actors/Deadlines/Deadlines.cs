namespace ActorGrid.Actors;

/// <summary>All deadlines and timers of an actor system, over one timer of its <see cref="TimeProvider"/>.</summary>
/// <remarks>Made for deadlines that are met: adding one costs a clock reading and an array element, calling one off costs nothing (its
/// <see cref="IDeadline.IsDone"/> turns true and it is dropped at the next sweep). Up to 1,024 met deadlines for each thread that adds them (threads share when there are more than four for each processor), or twice as many as are
/// open, stay referenced until then. Expiry is exact to the resolution of the time provider's timers, never early. Thread-safe.</remarks>
public sealed class Deadlines : IRunnable, IAsyncDisposable
{
    private const int StripesPerProcessor = 4;
    private static readonly TimeSpan WeedEvery = TimeSpan.FromMilliseconds(100);
    private static int _threads;

    [ThreadStatic]
    private static int _thread;

    private readonly TimeProvider _time;
    private readonly Dispatcher _dispatcher;
    private readonly DeadlineStripe[] _stripes;
    private readonly ITimer _timer;
    private readonly Lock _arming = new();
    private readonly double _timestampsPerTick;
    private long _armed = long.MaxValue;
    private long _old;
    private long _weededAt;

    /// <summary>Makes an empty set.</summary>
    /// <param name="time">The clock and the timer.</param>
    /// <param name="dispatcher">Where <see cref="IDeadline.Expire"/> is called.</param>
    public Deadlines(TimeProvider time, Dispatcher dispatcher)
    {
        _time = time;
        _dispatcher = dispatcher;
        _timestampsPerTick = (double)time.TimestampFrequency / TimeSpan.TicksPerSecond;
        _stripes = new DeadlineStripe[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)(Environment.ProcessorCount * StripesPerProcessor))];
        for (int i = 0; i < _stripes.Length; i++) _stripes[i] = new DeadlineStripe(this);
        bool flows = !ExecutionContext.IsFlowSuppressed();
        if (flows) ExecutionContext.SuppressFlow();
        _timer = time.CreateTimer(static me => ((Deadlines)me!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        if (flows) ExecutionContext.RestoreFlow();
    }

    /// <summary>Lets <paramref name="deadline"/> expire after <paramref name="delay"/>, unless it is done by then.</summary>
    /// <param name="deadline">What is to happen.</param>
    /// <param name="delay">From now; zero or less: as soon as the dispatcher comes to it. After disposal it is abandoned at once.</param>
    public void Add(IDeadline deadline, TimeSpan delay)
    {
        // Longer than 100 years is for ever; the sum must not overflow.
        double span = Math.Min(Math.Max(delay.Ticks, 0), TimeSpan.TicksPerDay * 36525L) * _timestampsPerTick;
        long due = _time.GetTimestamp() + (long)Math.Ceiling(span);
        if (_thread == 0) _thread = Interlocked.Increment(ref _threads);
        if (!_stripes[_thread & (_stripes.Length - 1)].TryAdd(deadline, due)) deadline.Abandon();
        else if (due < Volatile.Read(ref _armed)) Arm(due);
    }

    /// <summary>Whether so many are open, beside a thousand or so for each thread that adds them. Answers at once as long as there are not.</summary>
    internal bool HasMoreThan(int openMax) => Volatile.Read(ref _old) > openMax && StillHasMoreThan(openMax);

    /// <summary>A stripe has so many more than before that have outlived a sweep.</summary>
    internal void CountOld(int change) => Interlocked.Add(ref _old, change);

    /// <summary>Those that are done are among them until somebody looks; that costs a look at each, so it is not done by everyone who comes.</summary>
    private bool StillHasMoreThan(int openMax)
    {
        long last = Volatile.Read(ref _weededAt);
        if (last == 0 || _time.GetElapsedTime(last) >= WeedEvery)
        {
            if (Interlocked.CompareExchange(ref _weededAt, Math.Max(1, _time.GetTimestamp()), last) != last) return true;
            foreach (DeadlineStripe stripe in _stripes) stripe.Weed();
        }
        return Volatile.Read(ref _old) > openMax;
    }

    /// <summary>Expires what is due. Called by the dispatcher.</summary>
    void IRunnable.Run()
    {
        // First unarmed, then swept: who adds after our look at its stripe finds the timer unarmed and arms it.
        lock (_arming) _armed = long.MaxValue;
        long now = _time.GetTimestamp();
        var due = new List<DeadlineStripe.Entry>();
        long next = long.MaxValue;
        foreach (DeadlineStripe stripe in _stripes) next = Math.Min(next, stripe.TakeDue(now, due));
        if (next != long.MaxValue) Arm(next);
        // Those of one thread that are due together expire in the order in which they were added.
        foreach (DeadlineStripe.Entry entry in due.OrderBy(e => e.Due).ThenBy(e => e.Number))
        {
            if (!entry.Deadline.IsDone) entry.Deadline.Expire();
        }
    }

    /// <summary>Stops the timer. Nothing expires any more: what is open, and what is added from now on, is abandoned. Idempotent.</summary>
    /// <returns>When a callback under way has ended.</returns>
    public ValueTask DisposeAsync()
    {
        var open = new List<DeadlineStripe.Entry>();
        foreach (DeadlineStripe stripe in _stripes) stripe.Close(open);
        foreach (DeadlineStripe.Entry entry in open) entry.Deadline.Abandon();
        return _timer.DisposeAsync();
    }

    private void OnTimer() => _dispatcher.Schedule(this);

    private void Arm(long due)
    {
        lock (_arming)
        {
            if (due >= _armed) return;
            Volatile.Write(ref _armed, due);
            // Timers count whole milliseconds: rounded up, or the timer would come early and find nothing.
            double milliseconds = Math.Ceiling(Math.Max(0, due - _time.GetTimestamp()) / _timestampsPerTick / TimeSpan.TicksPerMillisecond);
            _timer.Change(TimeSpan.FromMilliseconds(Math.Min(milliseconds, int.MaxValue)), Timeout.InfiniteTimeSpan);
        }
    }
}
