using System.Collections.Concurrent;

namespace ActorGrid.Actors;

/// <summary>One thread of a <see cref="WorkerDispatcher"/>: its run queue, the inbox for what others bring, and the loop over both.</summary>
internal sealed class Worker
{
    /// <summary>After 32 pieces of work (a piece is two turns of the count) the inbox is emptied, however full the run queue is.</summary>
    private const int InboxEveryTurns = 64;
    private const int InboxBatch = 32;

    /// <summary>How often an idle worker looks for work before it sleeps: for some 15 microseconds, about what a sleep and a wake-up cost. It does not yield meanwhile: if somebody waits for
    /// this processor, perhaps to bring the work, sleep is what gives it to them.</summary>
    private const int LooksBeforeSleep = 96;
    private const int SpinsPerLook = 4;

    /// <summary>Every so many looks it looks at the other workers too. A search has two such rounds at least: only the second one can tell who has been with one piece of work since the first.</summary>
    private const int LooksPerRound = 16;

    /// <summary>A worker that looked around in vain looks half as long the next time, down to this. One search in so many is a long one still, to notice when that pays again.</summary>
    private const int LooksMin = 2 * LooksPerRound;
    private const int LongSearchEvery = 16;

    private const int Awake = 0;
    private const int Asleep = 1;
    private const int Ended = 2;

    [ThreadStatic]
    private static Worker? _current;

    private readonly RunQueue _queue = new();
    private readonly ConcurrentQueue<IRunnable> _inbox = new();
    private readonly Bed _bed = new();
    private readonly Thread _thread;

    /// <summary><see cref="Awake"/>, <see cref="Asleep"/> or <see cref="Ended"/>.</summary>
    private int _state;

    /// <summary>Odd while a piece of work runs; one more at its start and at its end.</summary>
    private int _turn;
    private int _turnSeenByMonitor;
    private int _turnSeenByThief;
    private int _looks = LooksBeforeSleep;
    private int _searches;
    private ExecutionContext? _cleanContext;

    public Worker(WorkerDispatcher dispatcher, string name, bool isExtra)
    {
        Dispatcher = dispatcher;
        IsExtra = isExtra;
        _thread = new Thread(Loop) { IsBackground = true, Name = name };
    }

    public static Worker? Current => _current;

    public WorkerDispatcher Dispatcher { get; }

    /// <summary>Whether this worker stands in for a stuck one, and retires when it is no longer needed.</summary>
    public bool IsExtra { get; }

    public bool IsAsleep => Volatile.Read(ref _state) == Asleep;

    public bool IsBusy => (Volatile.Read(ref _turn) & 1) != 0 || HasWork;

    public bool HasWork => _queue.Count > 0 || !_inbox.IsEmpty;

    /// <summary>Whether somebody idle could take something.</summary>
    public bool HasSurplus => _queue.Count > 1;

    public void Start() => _thread.UnsafeStart();

    /// <summary>For this worker's own thread.</summary>
    public void Push(IRunnable work)
    {
        // With one item waiting the owner is as good as anyone; with two, somebody idle could help: who searches finds it, and so does who is about to sleep.
        // To pass both unseen, for a store that was still in its buffer, costs help until the next push and nothing else.
        if (_queue.Push(work) >= 2) Dispatcher.WakeHelper();
    }

    /// <summary>For every other thread.</summary>
    /// <returns><see langword="false"/> if the worker has ended, perhaps without having seen the work.</returns>
    public bool Bring(IRunnable work)
    {
        _inbox.Enqueue(work);
        // The queue's last store is not interlocked: without the barrier it could pass the load of _state, while the worker, having
        // written _state, reads an empty inbox; then nobody would wake it, or know that it has ended.
        Interlocked.MemoryBarrier();
        WakeIfAsleep();
        return Volatile.Read(ref _state) != Ended;
    }

    public bool WakeIfAsleep()
    {
        if (Volatile.Read(ref _state) != Asleep || !TryLeave(Asleep)) return false;
        Dispatcher.OnWoken();
        _bed.Wake();
        return true;
    }

    /// <summary>Ends this worker, unless there is something left to do. Called by its own thread, under the dispatcher's lock.</summary>
    public bool TryEnd()
    {
        if (HasWork) return false;
        Interlocked.Exchange(ref _state, Ended);
        // Who brought work without the lock either was seen by this look, or sees that the worker has ended.
        if (_inbox.IsEmpty) return true;
        Volatile.Write(ref _state, Awake);
        return false;
    }

    /// <summary>Whether <paramref name="work"/> is in the inbox still. Of use only once the worker has ended and nobody else takes from it.</summary>
    public bool HoldsInInbox(IRunnable work) => _inbox.Contains(work);

    /// <summary>Hands over to <paramref name="other"/> what was brought.</summary>
    public void MoveInboxTo(Worker other)
    {
        while (_inbox.TryDequeue(out IRunnable? brought)) other.Bring(brought);
    }

    private bool TryLeave(int state) => Interlocked.CompareExchange(ref _state, Awake, state) == state;

    /// <summary>Whether the thread waits for something in managed code, and so uses no processor.</summary>
    public bool IsBlocked => _thread.ThreadState.HasFlag(ThreadState.WaitSleepJoin);

    /// <summary>For the monitor: whether the piece of work that it saw running at its last look is running still.</summary>
    public bool LookStuck() => IsStillAt(ref _turnSeenByMonitor);

    private bool IsStillAt(ref int seen)
    {
        int turn = Volatile.Read(ref _turn);
        bool still = turn == Volatile.Read(ref seen) && (turn & 1) != 0;
        Volatile.Write(ref seen, turn);
        return still;
    }

    private void Loop()
    {
        _current = this;
        _cleanContext = ExecutionContext.Capture();    // the default one: the thread was started without a flow
        do
        {
            while (Next() is { } work) Execute(work);
        }
        while (WaitForWork());
        Dispatcher.OnEnded();
    }

    private void Execute(IRunnable work)
    {
        Volatile.Write(ref _turn, _turn + 1);
        // Work handles its own failures: what escapes is a defect in it, and ends the process as on any other thread.
        work.Run();
        Volatile.Write(ref _turn, _turn + 1);
        // An async-local that one piece of work set must not show up in the next one.
        if (ExecutionContext.Capture() != _cleanContext) ExecutionContext.Restore(_cleanContext!);
    }

    private IRunnable? Next()
    {
        if (_turn % InboxEveryTurns == 0) TakeInbox();
        if (_queue.Pop() is { } work) return work;
        TakeInbox();
        return _queue.Pop();
    }

    private void TakeInbox()
    {
        for (int i = 0; i < InboxBatch && _inbox.TryDequeue(out IRunnable? brought); i++) _queue.Push(brought);
    }

    /// <summary>Looks around, then sleeps.</summary>
    /// <returns><see langword="false"/> when this worker is to end.</returns>
    private bool WaitForWork()
    {
        if (IsExtra && Dispatcher.TryRetire(this)) return false;
        if (Search()) return true;
        if (Dispatcher.IsClosing && Dispatcher.TryEnd(this)) return false;
        Dispatcher.OnSleeping();
        Interlocked.Exchange(ref _state, Asleep);
        // Who brought something before, or had more than it can do, has found nobody to wake.
        if ((!_inbox.IsEmpty || Dispatcher.HasSurplus || Dispatcher.IsClosing || Dispatcher.MustRetire(this)) && TryLeave(Asleep))
        {
            Dispatcher.OnWoken();
            return true;
        }

        _bed.Sleep();
        if (!HasWork) RobOthers();
        return true;
    }

    /// <summary>Looks around for about as long as has paid lately: with work every few microseconds a sleep is not worth it, with less the search would only keep a processor from others.</summary>
    /// <returns>Whether there is work.</returns>
    private bool Search()
    {
        int looks = ++_searches % LongSearchEvery == 0 ? LooksBeforeSleep : _looks;
        Dispatcher.BeginSearch();
        bool found = LookAround(looks);
        Dispatcher.EndSearch();
        _looks = found ? LooksBeforeSleep : Math.Max(LooksMin, _looks / 2);
        return found;
    }

    private bool LookAround(int looks)
    {
        for (int look = 1; look <= looks; look++)
        {
            if (HasWork || (look % LooksPerRound == 0 && RobOthers())) return true;
            Thread.SpinWait(SpinsPerLook);
        }

        return false;
    }

    private bool RobOthers()
    {
        foreach (Worker other in Dispatcher.Workers)
        {
            if (other != this && Rob(other)) return true;
        }

        return false;
    }

    private bool Rob(Worker other)
    {
        if (other._inbox.TryDequeue(out IRunnable? brought))
        {
            _queue.Push(brought);
            return true;
        }

        int waiting = other._queue.Count;
        if (waiting == 0) return false;
        // A single item is left to its owner, who will come to it at once (two actors in talk stay on one worker), unless that owner has been
        // with one piece of work since the last look.
        bool busyForLong = other.IsStillAt(ref other._turnSeenByThief);
        return (waiting > 1 || busyForLong) && other._queue.Rob(_queue, busyForLong) > 0;
    }
}
