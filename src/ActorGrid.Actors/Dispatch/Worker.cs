using System.Collections.Concurrent;

namespace ActorGrid.Actors;

/// <summary>One thread of a <see cref="WorkerDispatcher"/>: its run queue, the inbox for what others bring, and the loop over both.</summary>
internal sealed class Worker
{
    /// <summary>After so many items the inbox gets its turn, however full the run queue is.</summary>
    private const int InboxEvery = 32;
    private const int InboxBatch = 32;

    /// <summary>How often an idle worker looks around before it sleeps: some 20 microseconds, about what a sleep and a wake-up cost.</summary>
    private const int LooksBeforeSleep = 200;
    private const int SpinsPerLook = 10;

    [ThreadStatic]
    private static Worker? _current;

    private readonly RunQueue _queue = new();
    private readonly ConcurrentQueue<IRunnable> _inbox = new();
    private readonly SemaphoreSlim _wake = new(0);
    private readonly Thread _thread;
    private int _asleep;
    private int _executed;
    private bool _executing;
    private int _seenExecuted;
    private int _executedAtLook;
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

    public bool IsAsleep => Volatile.Read(ref _asleep) == 1;

    public bool HasWork => _queue.Count > 0 || !_inbox.IsEmpty;

    public void Start() => _thread.UnsafeStart();

    /// <summary>For this worker's own thread.</summary>
    public void Push(IRunnable work)
    {
        // With one item waiting the owner is as good as anyone; with two, somebody idle could help. Missing the moment loses nothing: the
        // monitor looks again.
        if (_queue.Push(work) >= 2) Dispatcher.WakeHelper();
    }

    /// <summary>For every other thread.</summary>
    public void Bring(IRunnable work)
    {
        _inbox.Enqueue(work);
        // The queue's last store is not interlocked: without the barrier it could pass the load of _asleep, while the worker, having
        // written _asleep, reads an empty inbox; then nobody would wake it.
        Interlocked.MemoryBarrier();
        WakeIfAsleep();
    }

    public bool WakeIfAsleep()
    {
        if (Volatile.Read(ref _asleep) != 1 || Interlocked.Exchange(ref _asleep, 0) != 1) return false;
        Dispatcher.OnWoken();
        _wake.Release();
        return true;
    }

    /// <summary>Whether the thread waits for something in managed code, and so uses no processor.</summary>
    public bool IsBlocked => _thread.ThreadState.HasFlag(ThreadState.WaitSleepJoin);

    /// <summary>For the monitor: whether the item that it saw running at its last look is running still.</summary>
    public bool LookStuck()
    {
        int executed = Volatile.Read(ref _executed);
        bool stuck = executed == _seenExecuted && Volatile.Read(ref _executing);
        _seenExecuted = executed;
        return stuck;
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
        Dispatcher.OnEnded(this);
    }

    private void Execute(IRunnable work)
    {
        Volatile.Write(ref _executing, true);
        // Work handles its own failures: what escapes is a defect in it, and ends the process as on any other thread.
        work.Run();
        Volatile.Write(ref _executing, false);
        Volatile.Write(ref _executed, _executed + 1);
        // An async-local that one piece of work set must not show up in the next one.
        if (ExecutionContext.Capture() != _cleanContext) ExecutionContext.Restore(_cleanContext!);
    }

    private IRunnable? Next()
    {
        if (_executed % InboxEvery == 0) TakeInbox();
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
        Dispatcher.BeginSearch();
        for (int look = 1; look <= LooksBeforeSleep; look++)
        {
            if (HasWork || (look % 16 == 0 && RobOthers()))
            {
                Dispatcher.EndSearch();
                return true;
            }

            Thread.SpinWait(SpinsPerLook);
        }

        Dispatcher.EndSearch();
        if (Dispatcher.IsClosing && !HasWork && Dispatcher.MayEnd()) return false;
        Dispatcher.OnSleeping();
        Interlocked.Exchange(ref _asleep, 1);
        if ((!_inbox.IsEmpty || Dispatcher.IsClosing || Dispatcher.MustRetire(this)) && Interlocked.Exchange(ref _asleep, 0) == 1)
        {
            Dispatcher.OnWoken();
            return true;
        }

        _wake.Wait();
        if (!HasWork) RobOthers();
        return true;
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
        int executed = Volatile.Read(ref other._executed);
        // A single item is left to its owner, who will come to it at once (two actors in talk stay on one worker), unless that owner has been
        // with one piece of work since the last look.
        bool busyForLong = executed == Volatile.Read(ref other._executedAtLook);
        Volatile.Write(ref other._executedAtLook, executed);
        return (waiting > 1 || busyForLong) && other._queue.Rob(_queue, busyForLong) > 0;
    }
}
