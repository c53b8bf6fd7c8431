namespace ActorGrid.Actors;

/// <summary>The run queue of one worker: a ring that its owner uses without any interlocked instruction, and that a thief can still rob while
/// the owner is busy elsewhere.</summary>
/// <remarks>
/// The lock is biased to the owner. Owner: write <c>_ownerInside</c>, then read <c>_seized</c>. Thief: write <c>_seized</c>, a barrier on every
/// core of the process, then read <c>_ownerInside</c>. Whatever the store buffers held, after the barrier either the thief sees the owner
/// inside and gives up, or the owner, coming later, sees the seizure and waits. The thief pays for both, and thieves are rare. The thief never waits
/// for the owner: an owner inside is at work, and work at hand needs no thief. While it holds a seizure a thief waits for nothing at all: its own queue,
/// which another thief may have seized, it enters only after it has let go.
/// </remarks>
internal sealed class RunQueue
{
    private const int CapacityAtFirst = 64;

    /// <summary>The most that one robbery takes, so that the owner never waits for long.</summary>
    private const int LootMax = 256;

    private readonly IRunnable?[] _loot = new IRunnable?[LootMax];
    private IRunnable?[] _ring = new IRunnable?[CapacityAtFirst];
    private int _head;
    private int _count;
    private bool _ownerInside;
    private bool _ownerWaits;
    private bool _seized;
    private int _thieves;

    /// <summary>How many items wait. Exact for the owner; a hint for everybody else.</summary>
    public int Count => Volatile.Read(ref _count);

    public int Push(IRunnable work)
    {
        Enter();
        if (_count == _ring.Length) Grow();
        _ring[(_head + _count) & (_ring.Length - 1)] = work;
        int count = ++_count;
        Exit();
        return count;
    }

    public IRunnable? Pop()
    {
        // Only the owner adds, so what it sees empty stays empty; a thief that empties it meanwhile is found out inside.
        if (_count == 0) return null;
        Enter();
        IRunnable? work = null;
        if (_count > 0) work = Take();
        Exit();
        return work;
    }

    /// <summary>For other workers: moves the older half of the items (all of them if <paramref name="all"/>), at most 256, to <paramref name="into"/>,
    /// which the caller owns.</summary>
    /// <returns>How many were taken; 0 if the owner, or another thief, was at the queue.</returns>
    public int Rob(RunQueue into, bool all)
    {
        // A hint only: eager thieves, one after the other, could otherwise keep the owner out for as long as they like.
        if (Volatile.Read(ref _ownerWaits) || Interlocked.CompareExchange(ref _thieves, 1, 0) != 0) return 0;
        IRunnable?[] loot = into._loot;
        int taken = 0;
        Volatile.Write(ref _seized, true);
        Interlocked.MemoryBarrierProcessWide();
        if (!Volatile.Read(ref _ownerInside))
        {
            taken = Math.Min(all ? _count : (_count + 1) / 2, LootMax);
            for (int i = 0; i < taken; i++) loot[i] = Take();
        }

        Volatile.Write(ref _seized, false);
        Volatile.Write(ref _thieves, 0);
        for (int i = 0; i < taken; i++) into.Push(loot[i]!);
        Array.Clear(loot, 0, taken);
        return taken;
    }

    private IRunnable Take()
    {
        ref IRunnable? slot = ref _ring[_head];
        IRunnable work = slot!;
        slot = null;
        _head = (_head + 1) & (_ring.Length - 1);
        _count--;
        return work;
    }

    private void Grow()
    {
        var larger = new IRunnable?[_ring.Length * 2];
        for (int i = 0; i < _count; i++) larger[i] = _ring[(_head + i) & (_ring.Length - 1)];
        _ring = larger;
        _head = 0;
    }

    private void Enter()
    {
        Volatile.Write(ref _ownerInside, true);
        if (Volatile.Read(ref _seized)) WaitForThief();
    }

    private void Exit() => Volatile.Write(ref _ownerInside, false);

    private void WaitForThief()
    {
        var spin = default(SpinWait);
        Volatile.Write(ref _ownerWaits, true);
        do
        {
            Volatile.Write(ref _ownerInside, false);
            while (Volatile.Read(ref _seized)) spin.SpinOnce(sleep1Threshold: -1);
            Volatile.Write(ref _ownerInside, true);
        }
        while (Volatile.Read(ref _seized));
        Volatile.Write(ref _ownerWaits, false);
    }
}
