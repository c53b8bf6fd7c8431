namespace ActorGrid.Sqlite;

/// <summary>The right to write the file, one at a time over all processes of the host, in which leases and views go first.</summary>
/// <remarks>
/// <para>SQLite's own waiting is unfair: who waits sleeps and looks again, and who has just written begins anew before that. Here the kernel wakes who waits.</para>
/// <para>Three locks. <c>turn</c> is the right itself. A bulk writer takes it by way of <c>queue</c>, which it keeps until it has the turn; so one that has just
/// had its turn finds another at the head of the queue and goes behind it. An urgent one takes it by way of <c>urgent</c>, which it keeps until it has the turn;
/// a bulk writer that gets the turn while that is held gives it up at once. So an urgent one waits for what is being written, and for no other bulk.</para>
/// <para>All writing, all moving of the write-ahead log into the file, and the opening and closing of connections that could do either, happen within a turn:
/// among the processes of a grid no two ever do so at the same time. That also keeps out the fault of SQLite 3.7.0 to 3.51.2 (the "WAL-reset" one), which needs two.</para>
/// </remarks>
internal sealed class Turn : IDisposable
{
    private readonly LockFile _turn, _urgent;
    private readonly LockFile? _queue;

    /// <summary>Opens the locks in a folder that exists.</summary>
    public Turn(string folder, bool isUrgent)
        : this(LockFile.Open(Path.Combine(folder, "turn")), LockFile.Open(Path.Combine(folder, "urgent")), isUrgent ? null : LockFile.Open(Path.Combine(folder, "queue")))
    {
    }

    /// <summary>Takes turns by locks that are open: with a queue for bulk, without one for what is urgent.</summary>
    public Turn(LockFile turn, LockFile urgent, LockFile? queue) => (_turn, _urgent, _queue) = (turn, urgent, queue);

    public bool IsHeld => _turn.IsHeld;

    /// <summary>Takes the turn if nobody has it or waits for it.</summary>
    public bool TryTake()
    {
        var entrance = _queue ?? _urgent;
        if (!entrance.TryTake()) return false;
        Enter(entrance, () =>
        {
            if (_turn.TryTake() && _queue is not null && IsWantedByUrgent()) _turn.Release();
        });
        return IsHeld;
    }

    /// <summary>Waits for the turn, however long that takes.</summary>
    public void Take()
    {
        var entrance = _queue ?? _urgent;
        entrance.Take();
        Enter(entrance, () =>
        {
            _turn.Take();
            while (_queue is not null && IsWantedByUrgent())
            {
                _turn.Release();
                _urgent.Take();
                _urgent.Release();
                _turn.Take();
            }
        });
    }

    public void Leave() => _turn.Release();

    public void Dispose()
    {
        _turn.Dispose();
        _urgent.Dispose();
        _queue?.Dispose();
    }

    /// <summary>Goes through an entrance, which is held: whatever fails, it is free for others afterwards, and so is the turn.</summary>
    private void Enter(LockFile entrance, Action take)
    {
        try
        {
            try
            {
                take();
            }
            finally
            {
                entrance.Release();
            }
        }
        catch
        {
            _turn.Release();
            throw;
        }
    }

    private bool IsWantedByUrgent()
    {
        if (!_urgent.TryTake()) return true;
        _urgent.Release();
        return false;
    }
}
