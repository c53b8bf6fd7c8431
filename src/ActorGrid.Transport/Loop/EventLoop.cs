using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace ActorGrid.Transport;

/// <summary>A thread that waits for sockets, and runs what waits for them. Whatever is awaited here goes on here, so what lives on one loop needs no
/// locks, and it needs no thread of the pool.</summary>
internal sealed class EventLoop
{
    /// <summary>A bound for what a lost wake-up could cost; none is known.</summary>
    private static readonly TimeSpan TurnMax = TimeSpan.FromSeconds(1);

    private readonly ConcurrentQueue<Action> _posted = [];
    private readonly Dictionary<Socket, SocketStream> _streams = [];
    private readonly List<(long Due, Readiness Sleeper)> _sleepers = [];
    private readonly List<Socket> _toRead = [];
    private readonly List<Socket> _toWrite = [];
    private readonly List<Socket> _failed = [];
    private readonly List<SocketStream> _overdue = [];
    private readonly Socket _waker = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TimeProvider _time;
    private readonly Action<Exception> _onFault;
    private readonly Thread _thread;
    private bool _isWoken;
    private bool _isStopping;
    private bool _hasEnded;

    /// <summary>Starts the thread.</summary>
    /// <param name="name">Of the thread.</param>
    /// <param name="time">The clock.</param>
    /// <param name="onFault">Is told of what was posted and threw, which is a defect.</param>
    public EventLoop(string name, TimeProvider time, Action<Exception> onFault)
    {
        _time = time;
        _onFault = onFault;
        // A datagram to itself ends the wait. Connected, it takes none from others.
        _waker.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _waker.Connect(_waker.LocalEndPoint!);
        _waker.Blocking = false;
        _thread = new Thread(Run) { IsBackground = true, Name = name, Priority = ThreadPriority.AboveNormal };
        _thread.UnsafeStart();
    }

    public bool IsCurrent => Thread.CurrentThread == _thread;

    public long Now => _time.GetTimestamp();

    public long After(TimeSpan time) => Now + (long)(time.TotalSeconds * _time.TimestampFrequency);

    /// <summary>Runs something on the loop, after what was posted before. From any thread.</summary>
    public void Post(Action action)
    {
        _posted.Enqueue(action);
        // Whoever finds it set comes before the loop takes what is posted: the loop unsets it first.
        if (Interlocked.Exchange(ref _isWoken, true)) return;
        lock (_waker)
        {
            if (!_hasEnded) _waker.Send([1], SocketFlags.None, out _);
        }
    }

    /// <summary>What is after the await runs on the loop.</summary>
    public LoopAwaitable Enter() => new(this);

    /// <summary>Waits on the loop.</summary>
    public ValueTask SleepAsync(TimeSpan time)
    {
        var sleeper = new Readiness();
        _sleepers.Add((After(time), sleeper));
        return sleeper.WaitAsync();
    }

    /// <summary>Ends when all that was posted has run.</summary>
    public async Task DrainAsync()
    {
        var drained = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(drained.SetResult);
        await drained.Task;
    }

    /// <summary>Ends the loop, once all that was posted has run. The sockets on it are to be closed before.</summary>
    public Task StopAsync()
    {
        Post(() => _isStopping = true);
        return _ended.Task;
    }

    public void Add(SocketStream stream) => _streams.Add(stream.Socket, stream);

    public void Remove(SocketStream stream) => _streams.Remove(stream.Socket);

    private void Run()
    {
        while (!_isStopping)
        {
            try
            {
                RunPosted();
                Expire();
                if (!_isStopping && _posted.IsEmpty) Wait();
            }
            catch (Exception e)
            {
                // No socket is closed but through its stream, and no wait fails on open ones: this is a defect. It must not take the other links along.
                _onFault(e);
                foreach (var stream in _streams.Values.Where(s => s.Socket.SafeHandle.IsClosed).ToList()) stream.Dispose();
            }
        }
        foreach (var stream in _streams.Values.ToList()) stream.Dispose();
        foreach (var (_, sleeper) in _sleepers) sleeper.Fail(new ObjectDisposedException(nameof(EventLoop)));
        lock (_waker)
        {
            _hasEnded = true;
            _waker.Dispose();
        }
        _ended.SetResult();
    }

    private void RunPosted()
    {
        Volatile.Write(ref _isWoken, false);
        Interlocked.MemoryBarrier();
        // No more than were there at the start, so that sockets have their turn.
        for (int i = _posted.Count; i > 0 && _posted.TryDequeue(out var action); i--)
        {
            try
            {
                action();
            }
            catch (Exception e)
            {
                _onFault(e);
            }
        }
    }

    private void Expire()
    {
        long now = Now;
        foreach (var stream in _streams.Values)
        {
            if (stream.Deadline <= now) _overdue.Add(stream);
        }
        foreach (var stream in _overdue) stream.Abort(SocketError.TimedOut);
        _overdue.Clear();
        for (int i = _sleepers.Count - 1; i >= 0; i--)
        {
            var (due, sleeper) = _sleepers[i];
            if (due > now) continue;
            _sleepers.RemoveAt(i);
            sleeper.Complete();
        }
    }

    private void Wait()
    {
        _toRead.Clear();
        _toWrite.Clear();
        _failed.Clear();
        _toRead.Add(_waker);
        long until = After(TurnMax);
        foreach (var (socket, stream) in _streams)
        {
            if (stream.Readable.IsWaiting) _toRead.Add(socket);
            if (stream.Writable.IsWaiting)
            {
                _toWrite.Add(socket);
                _failed.Add(socket);
            }
            until = Math.Min(until, stream.Deadline);
        }
        foreach (var (due, _) in _sleepers) until = Math.Min(until, due);
        // Up to the next millisecond: a wait that ends too early would only be begun again.
        var patience = _time.GetElapsedTime(Now, until) + TimeSpan.FromMilliseconds(1);
        Socket.Select(_toRead, _toWrite, _failed, patience > TimeSpan.Zero ? patience : TimeSpan.Zero);
        foreach (var socket in _toRead)
        {
            if (socket == _waker) TakeWakeUps();
            else if (_streams.TryGetValue(socket, out var stream)) stream.Readable.Complete();
        }
        foreach (var socket in _toWrite.Concat(_failed))
        {
            if (_streams.TryGetValue(socket, out var stream)) stream.Writable.Complete();
        }
    }

    private void TakeWakeUps()
    {
        Span<byte> taken = stackalloc byte[8];
        SocketError error;
        do _waker.Receive(taken, SocketFlags.None, out error);
        while (error == SocketError.Success);
    }
}
