using System.Net;
using System.Net.Sockets;

namespace ActorGrid.PostgreSql.Tests;

/// <summary>The way to the server, which can be cut as the death of a process does, and held up as a server does that hangs.</summary>
internal sealed class Proxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<TcpClient> _clients = [];
    private readonly string _host;
    private readonly int _port;
    private volatile TaskCompletionSource _open = Opened();
    private long _allowance = long.MaxValue;
    private bool _isCut;

    public Proxy(string host, int port)
    {
        (_host, _port) = (host, port);
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Closes all connections and takes no more.</summary>
    public void Cut()
    {
        lock (_clients)
        {
            _isCut = true;
            foreach (var client in _clients) client.Dispose();
            _clients.Clear();
        }
    }

    /// <summary>Passes nothing on any more, in either direction, until <see cref="Release"/>; connections stay.</summary>
    public void Hold() => _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The same, once so many bytes more were passed on: a client that is stopped in the middle of sending.</summary>
    public void HoldAfter(long bytes) => Interlocked.Exchange(ref _allowance, bytes);

    public void Release()
    {
        Interlocked.Exchange(ref _allowance, long.MaxValue);
        _open.TrySetResult();
    }

    public ValueTask DisposeAsync()
    {
        Release();
        _listener.Dispose();
        Cut();
        return default;
    }

    private static TaskCompletionSource Opened()
    {
        var open = new TaskCompletionSource();
        open.SetResult();
        return open;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync();
                _ = ServeAsync(client);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Disposed.
            return;
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        var server = new TcpClient { NoDelay = true };
        client.NoDelay = true;
        lock (_clients)
        {
            _clients.AddRange([client, server]);
            if (_isCut) client.Dispose();
        }
        using (client)
        using (server)
        {
            try
            {
                await server.ConnectAsync(_host, _port);
                await Task.WhenAny(PumpAsync(client.GetStream(), server.GetStream()), PumpAsync(server.GetStream(), client.GetStream()));
            }
            catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
            {
                // One side has gone; both go.
                return;
            }
        }
    }

    private async Task PumpAsync(Stream from, Stream to)
    {
        byte[] buffer = new byte[65536];
        while (true)
        {
            int count = await from.ReadAsync(buffer);
            if (count == 0) return;
            if (Interlocked.Add(ref _allowance, -count) < 0 && _open.Task.IsCompleted) Hold();
            await _open.Task;
            await to.WriteAsync(buffer.AsMemory(0, count));
        }
    }
}
