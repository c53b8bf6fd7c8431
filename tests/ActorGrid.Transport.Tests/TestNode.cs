using System.Globalization;
using System.Net;
using ActorGrid.Cluster;
using ActorGrid.Conformance;
using Microsoft.Extensions.Logging;

namespace ActorGrid.Transport.Tests;

/// <summary>A transport with all that it reports.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    private TestNode(TcpTransport transport, NodeHello hello, RecordingReceiver receiver, TestLog log)
    {
        Transport = transport;
        Hello = hello;
        Receiver = receiver;
        Log = log;
    }

    public TcpTransport Transport { get; }

    public NodeHello Hello { get; }

    public RecordingReceiver Receiver { get; }

    public TestLog Log { get; }

    public int Port => ((IPEndPoint)EndPoint).Port;

    public EndPoint EndPoint => IPEndPoint.Parse(Transport.Endpoint);

    public static Task<TestNode> ServerAsync(TcpTransportOptions? options = null, string grid = "grid") =>
        StartAsync((options ?? new TcpTransportOptions()) with { Host = "127.0.0.1" }, grid);

    public static Task<TestNode> ClientAsync(TcpTransportOptions? options = null, string grid = "grid") => StartAsync(options ?? new TcpTransportOptions(), grid);

    public async Task<(ILink Near, ILink Far)> LinkToAsync(TestNode server, int farNumber = 1)
    {
        Transport.Dial(server.Transport.Endpoint);
        return (await Receiver.LinkAsync(), await server.Receiver.LinkAsync(farNumber));
    }

    /// <summary>Shows that the node still serves who comes as they should.</summary>
    public async Task CheckServesAsync(TcpTransportOptions? options = null)
    {
        await using var client = await ClientAsync(options);
        client.Transport.Dial(Transport.Endpoint);
        var link = await client.Receiver.LinkAsync();
        int before = Receiver.FrameCount;
        Assert.True(link.Send([1, 2, 3], Lane.Data));
        await Receiver.FrameCountAsync(before + 1);
    }

    public async ValueTask DisposeAsync()
    {
        await Transport.DisposeAsync();
        Receiver.Check();
        Log.Check();
    }

    private static async Task<TestNode> StartAsync(TcpTransportOptions options, string grid)
    {
        var log = new TestLog();
        var transport = new TcpTransport(options, log);
        await transport.OpenAsync();
        var node = new TestNode(transport, new NodeHello(grid, Guid.NewGuid(), "node", transport.Endpoint), new RecordingReceiver(), log);
        transport.Start(node.Hello, node.Receiver);
        return node;
    }
}

/// <summary>Keeps what a transport logs.</summary>
internal sealed class TestLog : ILogger<TcpTransport>
{
    private readonly Lock _lock = new();
    private readonly List<(LogLevel Level, string Text)> _lines = [];
    private string? _throwAt;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        TaskCompletionSource changed;
        string text = string.Create(CultureInfo.InvariantCulture, $"{formatter(state, exception)} {exception}");
        if (exception is not LogFault && _throwAt is { } part && text.Contains(part, StringComparison.Ordinal)) throw new LogFault();
        lock (_lock)
        {
            _lines.Add((logLevel, text));
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        changed.SetResult();
    }

    public int Count(string part)
    {
        lock (_lock) return _lines.Count(l => l.Text.Contains(part, StringComparison.Ordinal));
    }

    /// <summary>Throws instead of logging a line that contains this.</summary>
    public void ThrowAt(string part) => _throwAt = part;

    /// <summary>Waits for a line that contains this.</summary>
    public async Task HasAsync(string part)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (_lines.Any(l => l.Text.Contains(part, StringComparison.Ordinal))) return;
                changed = _changed.Task;
            }
            try
            {
                await changed.WaitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                lock (_lock) Assert.Fail($"Nothing says '{part}': {string.Join(Environment.NewLine, _lines)}");
            }
        }
    }

    /// <summary>Fails if there was a defect other than its own.</summary>
    public void Check()
    {
        lock (_lock) Assert.DoesNotContain(_lines, l => l.Level >= LogLevel.Error && !l.Text.Contains(nameof(LogFault), StringComparison.Ordinal));
    }

    private sealed class LogFault : Exception;
}
