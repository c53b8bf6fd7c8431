using System.Net;
using System.Net.Sockets;
using ActorGrid.Cluster;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorGrid.Transport;

/// <summary>Links over TCP, with TLS if certificates are given: two connections each, so that what is large never delays what is urgent. Control
/// frames, handshakes and the ends of links have threads of their own; data runs on the thread pool.</summary>
/// <remarks>Safe to use from any thread.</remarks>
public sealed class TcpTransport : ITransport
{
    private const int Backlog = 512;

    private readonly TcpTransportOptions _options;
    private readonly TimeProvider _time;
    private readonly TransportLog _log;
    private readonly Lock _lock = new();
    private string _endpoint = "";
    private Parts? _parts;
    private Session? _session;
    private bool _isClosed;
    private bool _isAccepting;

    /// <summary>Makes a transport. It does nothing before <see cref="OpenAsync"/>.</summary>
    /// <param name="options">How it reaches its peers, and is reached by them.</param>
    /// <param name="logger">Is told what is refused. Default: nobody is.</param>
    /// <param name="time">The clock of time limits. Default: the system's.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="InvalidOperationException">A certificate is missing, or has no private key.</exception>
    public TcpTransport(TcpTransportOptions options, ILogger<TcpTransport>? logger = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        TransportMeter.Publish();
        _options = options;
        _time = time ?? TimeProvider.System;
        _log = new TransportLog(logger ?? NullLogger<TcpTransport>.Instance, _time);
    }

    /// <inheritdoc/>
    /// <remarks>Known once <see cref="OpenAsync"/> has ended.</remarks>
    public string Endpoint => _endpoint;

    /// <summary>Begins to listen, unless this is a client; peers that dial wait until <see cref="Start"/>. Called once.</summary>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="InvalidOperationException">The host cannot be listened on as the options say, or a certificate cannot be used; the message says why, and what to do.</exception>
    public async Task OpenAsync(CancellationToken cancellationToken = default)
    {
        // What can be wrong with the options shows before anything is open.
        var handshake = new Handshake(_options.Tls is { } tls ? new TlsContext(tls) : null);
        var listener = _options.Host is null ? null : Listening.Open(await Listening.FindAsync(_options, cancellationToken), _options, Backlog);
        try
        {
            Open(handshake, listener);
        }
        catch
        {
            listener?.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException"><see cref="OpenAsync"/> has not ended.</exception>
    /// <exception cref="ArgumentException">A name is too long.</exception>
    public void Start(NodeHello self, ITransportReceiver receiver)
    {
        ArgumentNullException.ThrowIfNull(self);
        ArgumentNullException.ThrowIfNull(receiver);
        _ = HelloCodec.OfNode(self);
        Session? before;
        Parts parts;
        bool isFirst;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            parts = _parts ?? throw new InvalidOperationException($"Await {nameof(OpenAsync)} before {nameof(Start)}: only then is it known where peers reach this node.");
            before = _session;
            _session = new Session(self, receiver);
            isFirst = !_isAccepting;
            _isAccepting = true;
        }
        before?.Close();
        if (isFirst && parts.Listener is { } listener) parts.Handshakes.Post(() => parts.Listen(listener));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">It is this node's own endpoint.</exception>
    public void Dial(string endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        if (endpoint.Length > 0 && endpoint == _endpoint) throw new ArgumentException($"'{endpoint}' is this node's own endpoint.", nameof(endpoint));
        if (Present() is not { } session) return;
        var parts = _parts!;
        parts.Handshakes.Post(() => _ = parts.Dialler.DialAsync(session, endpoint));
    }

    /// <summary>Closes all links, then the listener, so that nobody is refused while a link lives. Idempotent.</summary>
    public async ValueTask DisposeAsync()
    {
        Session? session;
        Parts? parts;
        lock (_lock)
        {
            _isClosed = true;
            (session, _session) = (_session, null);
            parts = _parts;
        }
        session?.Close();
        if (parts is not null) await parts.StopAsync();
    }

    private Session? Present()
    {
        lock (_lock) return _session;
    }

    private void Open(Handshake handshake, Socket? listener)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            if (_parts is not null) throw new InvalidOperationException("The transport is open already.");
            string endpoint = listener is null ? "" : Address.Join(_options.AdvertisedHost ?? _options.Host!, ((IPEndPoint)listener.LocalEndPoint!).Port);
            _parts = NewParts(handshake, listener);
            _endpoint = endpoint;
        }
    }

    private Parts NewParts(Handshake handshake, Socket? listener)
    {
        var handshakes = new EventLoop("actorgrid-handshakes", _time, _log.OnDefect);
        EventLoop control;
        try
        {
            control = new EventLoop("actorgrid-control", _time, _log.OnDefect);
        }
        catch
        {
            _ = handshakes.StopAsync();
            throw;
        }
        var links = new LinkSetting(control, _time, _options.OutgoingBytesMax, new ReceiveBudget(_options.IncomingBytesMax), _log);
        return new Parts(
            listener, handshakes, control, new Dialler(_options, handshakes, handshake, links, _log),
            new Acceptor(_options, handshakes, handshake, links, _log, Present));
    }

    private sealed class Parts(Socket? listener, EventLoop handshakes, EventLoop control, Dialler dialler, Acceptor acceptor)
    {
        private readonly Lock _lock = new();
        private Task? _stopping;

        public Socket? Listener => listener;

        public EventLoop Handshakes => handshakes;

        public Dialler Dialler => dialler;

        public void Listen(Socket socket) => _ = acceptor.AcceptAllAsync(new SocketStream(socket, handshakes));

        public Task StopAsync()
        {
            lock (_lock) return _stopping ??= StopOnceAsync();
        }

        private async Task StopOnceAsync()
        {
            handshakes.Post(dialler.Close);
            handshakes.Post(acceptor.Close);
            await handshakes.DrainAsync();
            // Links close on this loop, all of which have been told to.
            await control.StopAsync();
            // This closes the listener.
            await handshakes.StopAsync();
            // One that never began to accept is on no loop.
            listener?.Dispose();
        }
    }
}
