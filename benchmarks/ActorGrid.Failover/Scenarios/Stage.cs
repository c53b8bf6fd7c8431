using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace ActorGrid.Failover;

/// <summary>A grid of processes under load, on which a scenario is played.</summary>
/// <remarks>Used by one caller at a time.</remarks>
internal sealed class Stage : IAsyncDisposable
{
    // A client that waits for its last asks waits for their deadline.
    private static readonly TimeSpan DrainPatience = TimeSpan.FromSeconds(60);

    private readonly StageOptions _options;
    private readonly RunStore _store;
    private readonly Networks? _networks;
    private readonly List<Node> _nodes = [];
    private ChildProcess? _client;

    private Stage(StageOptions options, RunStore store, Networks? networks) => (_options, _store, _networks) = (options, store, networks);

    /// <summary>The nodes that the grid began with, the one to be hit first.</summary>
    public IReadOnlyList<Node> Nodes => [.. _nodes.Skip(_options.Victim % _options.Nodes), .. _nodes.Take(_options.Victim % _options.Nodes)];

    public Node Victim => Nodes[0];

    public Networks Networks => _networks ?? throw new InvalidOperationException("The stage was set without networks.");

    /// <summary>When the fault was made.</summary>
    public TimeSpan FaultAt { get; private set; }

    private string LedgersPath => Path.Combine(_options.Directory, "ledgers.json");

    private string LogPath => Path.Combine(_options.Directory, "asks.bin");

    /// <summary>Sets the stage: the store, the nodes, the client, and load on them for as long as the warm-up takes.</summary>
    /// <exception cref="ChildException">A process did not start.</exception>
    public static async Task<Stage> SetAsync(StageOptions options, bool withNetworks)
    {
        Directory.CreateDirectory(options.Directory);
        var networks = withNetworks ? await Networks.CreateAsync(options.Nodes) : null;
        Stage? stage = null;
        try
        {
            var store = await RunStore.CreateAsync(options.Store, options.Directory, networks is null ? "127.0.0.1" : Networks.StoreHost);
            stage = new Stage(options, store, networks);
            await stage.StartAsync();
            return stage;
        }
        catch
        {
            if (stage is not null) await stage.DisposeAsync();
            else if (networks is not null) await networks.DisposeAsync();
            throw;
        }
    }

    /// <summary>Says that the fault is about to be made; the time is written beside the logs of the processes, to be found in them.</summary>
    public void Mark()
    {
        File.WriteAllText(Path.Combine(_options.Directory, "fault.txt"), TimeProvider.System.GetUtcNow().ToString("HH:mm:ss.fff\n", System.Globalization.CultureInfo.InvariantCulture));
        FaultAt = HostClock.Now;
    }

    /// <summary>Starts a node more.</summary>
    public async Task JoinAsync()
    {
        var node = Add();
        await node.StartAsync();
    }

    public Task RestartStoreAsync() => _store.RestartAsync();

    /// <summary>Ends the load; nodes that are still there stay.</summary>
    /// <returns>What the client has seen, and what a node that was not there reads from the store.</returns>
    public async Task<(AskLog Log, IReadOnlyList<Ledger> Ledgers)> EndAsync()
    {
        await _client!.TellAsync(Child.Stop);
        await _client.WaitForAsync(Child.Done, DrainPatience + _options.Load.Deadline);
        await _client.WaitForExitAsync();
        // With all nodes gone the reader has nothing but the store.
        foreach (var node in _nodes) await node.DisposeAsync();
        return (AskLog.Read(LogPath), await ReadLedgersAsync());
    }

    /// <summary>Of a run that broke no promise the logs are enough.</summary>
    public void DeleteEvidence()
    {
        File.Delete(LogPath);
        File.Delete(LedgersPath);
    }

    public async ValueTask DisposeAsync()
    {
        if (_client is not null) await _client.DisposeAsync();
        foreach (var node in _nodes) await node.DisposeAsync();
        await _store.DisposeAsync();
        if (_networks is not null) await _networks.DisposeAsync();
    }

    private async Task StartAsync()
    {
        for (int i = 0; i < _options.Nodes; i++) Add();
        // The first one makes the schema.
        await _nodes[0].StartAsync();
        await Task.WhenAll(_nodes.Skip(1).Select(n => n.StartAsync()));
        var client = new ChildSettings("client", _store.Address, Host: null, Port: 0, _options.Load, LogPath);
        _client = new ChildProcess("client", ["client", client.ToJson()], _options.Directory);
        await _client.WaitForAsync(Child.Ready);
        await _client.TellAsync(Child.Load);
        await Task.Delay(_options.Warmup);
    }

    private Node Add()
    {
        int number = _nodes.Count + 1;
        string host = _networks is null ? "127.0.0.1" : Networks.HostOf(number);
        int port = _networks is null ? FreePort() : 5300;
        var settings = new ChildSettings($"n{number}", _store.Address, host, port, Load: null, Output: null);
        var node = new Node(number, settings, _options.Directory, _networks?.Prefix(number));
        _nodes.Add(node);
        return node;
    }

    private async Task<IReadOnlyList<Ledger>> ReadLedgersAsync()
    {
        string host = _networks is null ? "127.0.0.1" : Networks.HostOf(0);
        var settings = new ChildSettings("reader", _store.Address, host, FreePort(), _options.Load, LedgersPath);
        await using var reader = new ChildProcess("reader", ["reader", settings.ToJson()], _options.Directory);
        await reader.WaitForAsync(Child.Done);
        return JsonSerializer.Deserialize(await File.ReadAllTextAsync(LedgersPath), CounterJson.Default.LedgerArray)!;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
