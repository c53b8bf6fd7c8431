namespace ActorGrid.Sqlite;

/// <summary>Takes turns for one thread, which waits a bounded time for each.</summary>
/// <remarks>
/// The kernel's waiting has no bound, and a process that is stopped within its turn keeps it. So a thread of its own does the waiting when there is
/// any to do. A turn that comes after its taker gave up is left at once, unless the taker has come back for it.
/// </remarks>
internal sealed class TurnTaker : IDisposable
{
    private enum Stage
    {
        Idle,
        Wanted,
        Taken,
    }

    private readonly Turn _turn;
    private readonly TimeSpan _patience;
    private readonly string _path;
    private readonly object _gate = new();
    private Stage _stage;
    private bool _isAwaited, _isClosed, _hasThread;
    private IOException? _fault;

    public TurnTaker(string path, bool isUrgent, TimeSpan patience)
        : this(new Turn(Presence.FolderOf(path), isUrgent), path, patience)
    {
    }

    public TurnTaker(Turn turn, string path, TimeSpan patience) => (_turn, _path, _patience) = (turn, path, patience);

    public bool IsHeld { get; private set; }

    /// <summary>Takes the turn.</summary>
    /// <exception cref="SqliteFault">It was not to be had in time; nothing was written.</exception>
    public void Take()
    {
        if (IsHeld) throw new InvalidOperationException("The turn is held already.");
        lock (_gate)
        {
            try
            {
                if (_stage != Stage.Idle || !_turn.TryTake()) Await();
            }
            catch (IOException e)
            {
                throw new SqliteFault(SQLitePCL.raw.SQLITE_IOERR, e.Message);
            }
        }
        IsHeld = true;
    }

    /// <summary>Leaves the turn, if it is held.</summary>
    public void Leave()
    {
        if (!IsHeld) return;
        IsHeld = false;
        _turn.Leave();
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isClosed = true;
            Monitor.PulseAll(_gate);
            // A thread that waits in the kernel closes it when it comes back.
            if (!_hasThread) _turn.Dispose();
        }
    }

    private void Await()
    {
        if (_stage == Stage.Idle)
        {
            _stage = Stage.Wanted;
            // That of an earlier wait says nothing of this one.
            _fault = null;
        }
        _isAwaited = true;
        if (!_hasThread) Start();
        Monitor.PulseAll(_gate);
        long started = TimeProvider.System.GetTimestamp();
        while (_stage == Stage.Wanted && _fault is null)
        {
            var rest = _patience - TimeProvider.System.GetElapsedTime(started);
            if (rest > TimeSpan.Zero && Monitor.Wait(_gate, rest)) continue;
            if (_stage == Stage.Taken) break;
            _isAwaited = false;
            throw new SqliteFault(
                SQLitePCL.raw.SQLITE_BUSY, $"another process has not ended its turn to write for {_patience.TotalSeconds} s; one that was stopped keeps it");
        }
        _isAwaited = false;
        if (_fault is { } fault) throw fault;
        _stage = Stage.Idle;
    }

    private void Start()
    {
        _hasThread = true;
        var thread = new Thread(Wait) { IsBackground = true, Name = $"sqlite turns of {Path.GetFileName(_path)}" };
        thread.Start();
    }

    private void Wait()
    {
        while (true)
        {
            lock (_gate)
            {
                while (_stage != Stage.Wanted && !_isClosed) Monitor.Wait(_gate);
                if (_isClosed) break;
            }
            IOException? fault = null;
            try
            {
                _turn.Take();
            }
            catch (IOException e)
            {
                fault = e;
            }
            lock (_gate)
            {
                _fault = fault;
                if (_isClosed) break;
                _stage = _isAwaited && fault is null ? Stage.Taken : Stage.Idle;
                if (_stage == Stage.Idle) _turn.Leave();
                Monitor.PulseAll(_gate);
            }
        }
        _turn.Dispose();
    }
}
