using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using ActorGrid.Cluster;

namespace ActorGrid.Transport;

/// <summary>Accepts connections and joins them to links, on the loop of the handshakes: nothing here is touched by another thread.</summary>
internal sealed class Acceptor(TcpTransportOptions options, EventLoop loop, Handshake handshake, LinkSetting links, TransportLog log, Func<Session?> session)
{
    private static readonly TimeSpan PauseAfterFault = TimeSpan.FromMilliseconds(100);

    private const int AcceptsATurn = 16;

    /// <summary>Those in their handshake, the oldest first.</summary>
    private readonly LinkedList<Pending> _pending = [];
    private readonly Dictionary<Guid, Pending> _halves = [];
    private bool _isClosed;

    /// <summary>Accepts until <see cref="Close"/>, whatever goes wrong meanwhile: a node that nobody can dial any more would not notice.</summary>
    public async Task AcceptAllAsync(SocketStream listener)
    {
        bool hasFailed = false;
        while (!_isClosed)
        {
            try
            {
                if (hasFailed) await loop.SleepAsync(PauseAfterFault);
                hasFailed = false;
                await listener.Readable.WaitAsync();
                for (int i = 0; i < AcceptsATurn && !_isClosed && listener.Socket.Poll(0, SelectMode.SelectRead); i++) Take(listener.Socket.Accept());
            }
            catch (Exception) when (_isClosed)
            {
                return;
            }
            catch (Exception e)
            {
                // Out of handles, mostly.
                hasFailed = true;
                log.OnAcceptFailed(e);
            }
        }
    }

    /// <summary>Ends all handshakes.</summary>
    public void Close()
    {
        _isClosed = true;
        foreach (var pending in _pending.ToList()) pending.Socket.Abort(SocketError.OperationAborted);
    }

    private void Take(Socket socket)
    {
        EndPoint? from = null;
        try
        {
            from = socket.RemoteEndPoint;
            SocketTuning.Apply(socket, options.SilenceTimeout);
            if (_pending.Count >= options.HandshakesMax)
            {
                var oldest = _pending.First!.Value;
                oldest.Fault = new RefusedException(Refusal.Displaced, "too many are in their handshake; this one was the slowest");
                oldest.Socket.Abort(SocketError.ConnectionAborted);
            }
            _ = ServeAsync(new Pending(new SocketStream(socket, loop) { Deadline = loop.After(options.HandshakeTimeout) }, from));
        }
        catch (SocketException e)
        {
            // It has gone already.
            socket.Dispose();
            log.OnRefused(from, Refusal.CutShort, e.Message);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task ServeAsync(Pending pending)
    {
        pending.Place = _pending.AddLast(pending);
        pending.Socket.Ended = () => OnEnded(pending);
        try
        {
            var (stream, lane) = await handshake.BeginAcceptedAsync(pending.Socket);
            byte[] greeting = await Handshake.ReadAsync(stream);
            pending.Stream = stream;
            if (lane == Lane.Control) await OnControlAsync(pending, greeting);
            else await OnDataAsync(pending, greeting);
        }
        catch (Exception e)
        {
            var (refusal, why) = Reason(e, pending);
            pending.Socket.Dispose();
            if (!_isClosed) log.OnRefused(pending.From, refusal, why);
        }
    }

    private async Task OnControlAsync(Pending pending, byte[] greeting)
    {
        pending.Peer = HelloCodec.ReadNode(greeting);
        var present = session();
        var refusal = present switch
        {
            null => Refusal.Stopped,
            _ when present.Self.Grid != pending.Peer.Grid => Refusal.Foreign,
            _ when present.LinkCount >= options.AcceptedLinksMax => Refusal.Overloaded,
            _ => Refusal.None,
        };
        if (refusal != Refusal.None)
        {
            await pending.Stream!.WriteAsync(HelloCodec.OfOutcome(refusal));
            throw new RefusedException(refusal, refusal == Refusal.Foreign ? $"it is a node of the grid '{pending.Peer.Grid}', this is '{present!.Self.Grid}'" : "this node takes no links now");
        }
        pending.Session = present;
        // Drawn here, for this link alone: what was recorded of another link joins nothing.
        pending.Token = new Guid(RandomNumberGenerator.GetBytes(HelloCodec.TokenBytes));
        _halves.Add(pending.Token, pending);
        await pending.Stream!.WriteAsync(HelloCodec.OfNode(present!.Self, pending.Token));
    }

    private async Task OnDataAsync(Pending pending, byte[] greeting)
    {
        if (!_halves.Remove(HelloCodec.ReadToken(greeting), out var control))
        {
            await pending.Stream!.WriteAsync(HelloCodec.OfOutcome(Refusal.UnknownLink));
            throw new RefusedException(Refusal.UnknownLink, "its link does not wait for it");
        }
        Release(control);
        try
        {
            await pending.Stream!.WriteAsync(HelloCodec.OfOutcome(Refusal.None));
        }
        catch
        {
            control.Socket.Dispose();
            throw;
        }
        Release(pending);
        await new TcpLink(control.Session!, links, control.Peer!, dialledEndpoint: null, control.From, (control.Socket, control.Stream!), (pending.Socket, pending.Stream!)).OpenAsync();
    }

    private void Release(Pending pending)
    {
        Forget(pending);
        pending.Socket.Ended = null;
        pending.Socket.Deadline = long.MaxValue;
    }

    private void OnEnded(Pending pending)
    {
        // One that waits for its second half does nothing else, so nobody else speaks of it.
        if (_halves.ContainsKey(pending.Token) && !_isClosed)
        {
            log.OnRefused(pending.From, pending.Fault?.Refusal ?? Refusal.Slow, pending.Fault?.Message ?? "the data connection of its link did not come");
        }
        Forget(pending);
    }

    private void Forget(Pending pending)
    {
        if (pending.Place is { List: not null } place) _pending.Remove(place);
        if (_halves.GetValueOrDefault(pending.Token) == pending) _halves.Remove(pending.Token);
    }

    private static (Refusal Refusal, string Why) Reason(Exception e, Pending pending) => (pending.Fault ?? e) switch
    {
        RefusedException refused => (refused.Refusal, refused.Message),
        AuthenticationException => (Refusal.Certificate, e.InnerException?.Message ?? e.Message),
        SocketException { SocketErrorCode: SocketError.TimedOut } => (Refusal.Slow, "its handshake took too long"),
        _ => (Refusal.CutShort, e.Message),
    };

    private sealed class Pending(SocketStream socket, EndPoint? from)
    {
        public SocketStream Socket => socket;

        public EndPoint? From => from;

        public LinkedListNode<Pending>? Place { get; set; }

        public Stream? Stream { get; set; }

        public Session? Session { get; set; }

        public NodeHello? Peer { get; set; }

        public Guid Token { get; set; }

        public RefusedException? Fault { get; set; }
    }
}
