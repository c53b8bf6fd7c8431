#pragma warning disable RS0030 // The thread pool: this is floor 4.
using System.Buffers;
using System.Net;
using ActorGrid.Cluster;

namespace ActorGrid.Transport;

/// <summary>A link: two connections that end together.</summary>
/// <remarks>
/// Control frames, and that the link opens and closes, are told on the thread of the control loop; data frames on the pool. The receiver hears of the end
/// after the last frame: whoever comes last, the loop or the thread that delivers data just then, tells it.
/// </remarks>
internal sealed class TcpLink : ILink
{
    private const int Delivering = 1;
    private const int Over = 2;

    private readonly Session _session;
    private readonly LinkSetting _setting;
    private readonly LaneConnection _control;
    private readonly LaneConnection _data;
    private int _state;
    private bool _isOpened;
    private bool _isClosing;
    private long _startedAt;

    public TcpLink(
        Session session, LinkSetting setting, NodeHello peer, string? dialledEndpoint, EndPoint? from,
        (SocketStream Socket, Stream Stream) control, (SocketStream Socket, Stream Stream) data)
    {
        _session = session;
        _setting = setting;
        Peer = peer;
        DialledEndpoint = dialledEndpoint;
        Address = peer.Endpoint.Length > 0 ? peer.Endpoint : dialledEndpoint ?? TransportLog.AddressOf(from);
        _control = new LaneConnection(this, Lane.Control, control.Socket, control.Stream, setting.ControlBytesMax, setting.Budget, StartControl);
        _data = new LaneConnection(this, Lane.Data, data.Socket, data.Stream, setting.DataBytesMax, setting.Budget, StartData);
    }

    public NodeHello Peer { get; }

    public string? DialledEndpoint { get; }

    /// <summary>Where the peer is, for the log: its endpoint, or for a client, which has none, where it comes from.</summary>
    public string Address { get; }

    public bool Send(ReadOnlySpan<byte> frame, Lane lane)
    {
        bool isTaken = (lane == Lane.Control ? _control : _data).Send(frame);
        if (!isTaken) TransportMeter.OnNotTaken(lane);
        return isTaken;
    }

    public void Close()
    {
        if (Interlocked.Exchange(ref _isClosing, true)) return;
        _control.Close();
        _data.Close();
        // The peer learns of it at once, and what is read here comes to its end.
        _data.Socket.Dispose();
        _setting.Loop.Post(FinishClosing);
    }

    /// <summary>Takes both sockets to where they are read, and reports the link. On the loop of the handshakes.</summary>
    public async Task OpenAsync()
    {
        try
        {
            _data.Socket.MoveTo(loop: null);
            _control.Socket.MoveTo(_setting.Loop);
        }
        catch
        {
            // If it is the control connection that has ended, it is closed already.
            _data.Socket.Dispose();
            throw;
        }
        await _setting.Loop.Enter();
        _control.Socket.Arrive();
        if (!_session.TryAdd(this))
        {
            Close();
            return;
        }
        try
        {
            _isOpened = true;
            TransportMeter.OnOpened();
            _session.Receiver.OnOpened(this);
            _ = _control.ReceiveAsync();
            ThreadPool.UnsafeQueueUserWorkItem(static data => _ = data.ReceiveAsync(), _data, preferLocal: false);
        }
        catch (Exception e)
        {
            End(Lane.Control, e);
        }
    }

    /// <summary>Gives the receiver all frames that have come. On the thread that reads the lane.</summary>
    /// <returns>False if the link is over.</returns>
    public bool Deliver(FrameReader frames, ref ReadOnlySequence<byte> input, Lane lane)
    {
        if (lane == Lane.Control) return DeliverAll(frames, ref input, lane);
        if (Interlocked.CompareExchange(ref _state, Delivering, 0) != 0) return false;
        try
        {
            return DeliverAll(frames, ref input, lane);
        }
        finally
        {
            if ((Interlocked.And(ref _state, ~Delivering) & Over) != 0) ReportClosed();
        }
    }

    /// <summary>A connection has ended, which ends the link.</summary>
    public void End(Lane lane, Exception? why)
    {
        if (!Volatile.Read(ref _isClosing)) _setting.Log.OnLinkEnded(this, lane, why);
        Close();
    }

    private bool DeliverAll(FrameReader frames, ref ReadOnlySequence<byte> input, Lane lane)
    {
        while (!Volatile.Read(ref _isClosing))
        {
            if (!frames.TryRead(ref input, out var message)) return true;
            _session.Receiver.OnFrame(this, message, lane);
        }
        return false;
    }

    private void FinishClosing()
    {
        _control.Socket.Dispose();
        _session.Remove(this);
        if ((Interlocked.Or(ref _state, Over) & Delivering) == 0) ReportClosed();
    }

    private void ReportClosed()
    {
        if (!_isOpened) return;
        TransportMeter.OnClosed();
        try
        {
            _session.Receiver.OnClosed(this);
        }
        catch (Exception e)
        {
            _setting.Log.OnDefect(e);
        }
    }

    private void StartControl(LaneConnection control) => _setting.Loop.Post(() => _ = control.SendAllAsync());

    /// <summary>After a pause, who sends does it himself, which saves the way through another thread. What comes soon after gathers meanwhile for a thread of
    /// the pool, which saves system calls. One at a time is here.</summary>
    private void StartData(LaneConnection data)
    {
        long now = _setting.Time.GetTimestamp();
        bool isAfterPause = now - _startedAt > _setting.PauseTicks;
        _startedAt = now;
        if (!isAfterPause)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static data => _ = data.SendAllAsync(), data, preferLocal: false);
            return;
        }
        // What is awaited must not go on in the actor that happens to send.
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            _ = data.SendAllAsync(batchesMax: 1);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }
}
