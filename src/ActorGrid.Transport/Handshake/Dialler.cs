using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using ActorGrid.Cluster;

namespace ActorGrid.Transport;

/// <summary>Opens links, on the loop of the handshakes: the control connection first, which gets the token of the link, then the data connection.</summary>
internal sealed class Dialler(TcpTransportOptions options, EventLoop loop, Handshake handshake, LinkSetting links, TransportLog log)
{
    private readonly HashSet<SocketStream> _sockets = [];

    /// <summary>Dials, and reports what came of it to the session.</summary>
    public async Task DialAsync(Session session, string endpoint)
    {
        var failure = await TryDialAsync(session, endpoint);
        if (failure is null || session.IsOver) return;
        try
        {
            session.Receiver.OnDialFailed(endpoint, failure.Value);
        }
        catch (Exception e)
        {
            log.OnDefect(e);
        }
    }

    /// <summary>Ends all dials.</summary>
    public void Close()
    {
        foreach (var socket in _sockets.ToList()) socket.Abort(SocketError.OperationAborted);
    }

    private async Task<DialFailure?> TryDialAsync(Session session, string endpoint)
    {
        SocketStream? control = null, data = null;
        try
        {
            var (host, port) = Address.Split(endpoint);
            control = await ConnectAsync(Allowed(host, await ResolveAsync(host)), port);
            var controlStream = await handshake.BeginDialledAsync(control, Lane.Control);
            await controlStream.WriteAsync(HelloCodec.OfNode(session.Self));
            var (peer, token) = HelloCodec.ReadNodeAndToken(await Handshake.ReadAsync(controlStream));
            if (peer.Grid != session.Self.Grid) throw new RefusedException(Refusal.Foreign, $"it is a node of the grid '{peer.Grid}'");

            data = await ConnectAsync([((IPEndPoint)control.Socket.RemoteEndPoint!).Address], port);
            var dataStream = await handshake.BeginDialledAsync(data, Lane.Data);
            await dataStream.WriteAsync(HelloCodec.OfToken(token));
            HelloCodec.ReadOutcome(await Handshake.ReadAsync(dataStream));
            Release(control);
            Release(data);
            await new TcpLink(session, links, peer, endpoint, from: null, (control, controlStream), (data, dataStream)).OpenAsync();
            return null;
        }
        catch (Exception e)
        {
            control?.Dispose();
            data?.Dispose();
            return Judge(endpoint, e);
        }
    }

    private async Task<IPAddress[]> ResolveAsync(string host)
    {
        if (IPAddress.TryParse(host, out var address)) return [address];
        using var patience = new CancellationTokenSource(options.HandshakeTimeout);
        try
        {
            return await Dns.GetHostAddressesAsync(host, patience.Token);
        }
        finally
        {
            await loop.Enter();
        }
    }

    /// <summary>A dialler without TLS believes whoever answers, and is heard by all on the way: beyond this host that is the user's to decide.</summary>
    private IPAddress[] Allowed(string host, IPAddress[] addresses) => options.Tls is not null || options.AllowPlaintextBeyondLoopback || addresses.All(IPAddress.IsLoopback)
        ? addresses
        : throw new RefusedException(
            Refusal.Security, $"'{host}' is beyond this host, and without TLS whoever is on the way can read and change everything: " +
            $"give this node certificates for TLS ({nameof(TcpTransportOptions.Tls)}; of a grid, UseTls), or, on a network that you trust, set {nameof(TcpTransportOptions.AllowPlaintextBeyondLoopback)}");

    /// <summary>Connects to the first address that takes it. Only if all refuse, nobody listens there.</summary>
    private async Task<SocketStream> ConnectAsync(IPAddress[] addresses, int port)
    {
        SocketException? last = null;
        foreach (var address in addresses)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            var stream = new SocketStream(socket, loop) { Deadline = loop.After(options.HandshakeTimeout) };
            _sockets.Add(stream);
            stream.Ended = () => _sockets.Remove(stream);
            try
            {
                SocketTuning.Apply(socket, options.SilenceTimeout);
                await stream.ConnectAsync(new IPEndPoint(address, port));
                // A port of this host that nobody listens on may be the one that the system gives to who dials it: then it has reached itself.
                if (!socket.LocalEndPoint!.Equals(socket.RemoteEndPoint)) return stream;
                throw new SocketException((int)SocketError.ConnectionRefused);
            }
            catch (SocketException e)
            {
                stream.Dispose();
                // One that is silent hides whoever may be there.
                if (last is null || e.SocketErrorCode != SocketError.ConnectionRefused) last = e;
            }
        }
        throw new ConnectException(last ?? new SocketException((int)SocketError.HostNotFound));
    }

    private void Release(SocketStream socket)
    {
        _sockets.Remove(socket);
        socket.Ended = null;
        socket.Deadline = long.MaxValue;
    }

    /// <summary>Only what the host itself says of the port, and what a node of another grid says of itself, tells anything of who was meant.</summary>
    private DialFailure Judge(string endpoint, Exception e)
    {
        switch (e)
        {
            case ConnectException { Socket.SocketErrorCode: SocketError.ConnectionRefused }:
                return DialFailure.Refused;
            case RefusedException { Refusal: Refusal.Foreign }:
                log.OnDialRefused(endpoint, Refusal.Foreign, "a node of another grid listens there");
                return DialFailure.Foreign;
            case RefusedException refused:
                log.OnDialRefused(endpoint, refused.Refusal, refused.Message);
                return DialFailure.Unreachable;
            case AuthenticationException:
                log.OnDialRefused(endpoint, Refusal.Certificate, e.InnerException?.Message ?? e.Message);
                return DialFailure.Unreachable;
            case ConnectException or IOException or SocketException or ObjectDisposedException or OperationCanceledException:
                return DialFailure.Unreachable;
            case ArgumentException:
                log.OnDialRefused(endpoint, Refusal.None, e.Message);
                return DialFailure.Unreachable;
            default:
                log.OnDefect(e);
                return DialFailure.Unreachable;
        }
    }

    /// <summary>There is no connection: the error of the operating system.</summary>
    private sealed class ConnectException(SocketException socket) : Exception(socket.Message, socket)
    {
        public SocketException Socket => socket;
    }
}
