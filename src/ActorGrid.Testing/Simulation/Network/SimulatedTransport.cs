using ActorGrid.Actors;
using ActorGrid.Cluster;

namespace ActorGrid.Testing;

/// <summary>The transport of one life of a process.</summary>
/// <param name="process">The process.</param>
/// <param name="endpoint">Where it is reached; empty: nowhere, it is a client.</param>
internal sealed class SimulatedTransport(SimulatedProcess process, string endpoint) : ITransport
{
    private readonly List<LinkEnd> _ends = [];
    private bool _disposed;

    public string Endpoint => endpoint;

    public SimulatedProcess Process => process;

    public World World => process.World;

    public NodeHello? Self { get; private set; }

    public ITransportReceiver? Receiver { get; private set; }

    /// <summary>Until when the port of a process that has gone still takes connections, only to break them off.</summary>
    public long PortOpenUntil { get; set; }

    /// <summary>Whether somebody answers here.</summary>
    public bool IsListening => Self is not null && !_disposed && !process.IsDead;

    public void Start(NodeHello self, ITransportReceiver receiver)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!World.IsOnThread(this)) return;
        foreach (var end in _ends.ToArray()) end.Close();
        Self = self;
        Receiver = receiver;
        if (endpoint.Length > 0) World.Network.Listen(this);
    }

    public void Dial(string endpoint)
    {
        if (!World.IsOnThread(this) || !IsListening) return;
        World.After(World.Network.NextDelay(), new DialAttempt(this, Self!, Receiver!, endpoint));
    }

    public ValueTask DisposeAsync()
    {
        if (_disposed) return default;
        _disposed = true;
        World.Network.StopListening(this);
        foreach (var end in _ends.ToArray()) end.Close();
        return default;
    }

    internal void Add(LinkEnd end) => _ends.Add(end);

    internal void Remove(LinkEnd end) => _ends.Remove(end);
}

/// <summary>A dial under way.</summary>
internal sealed class DialAttempt(SimulatedTransport dialler, NodeHello self, ITransportReceiver receiver, string endpoint) : IOccurrence, IRunnable
{
    private DialFailure _failure;

    /// <summary>It arrives, or it is known to have failed.</summary>
    /// <param name="argument">0: it arrives; 1: its time is up.</param>
    public void Occur(long argument)
    {
        // Who started anew meanwhile has no use for it.
        if (!dialler.IsListening || dialler.Self != self) return;
        if (argument == 1)
        {
            dialler.Process.Enqueue(new Work(dialler.Process, this, State: null));
            return;
        }
        var world = dialler.World;
        var network = world.Network;
        var target = network.Find(endpoint);
        var from = dialler.Process.Machine;
        var to = target?.Process.Machine;
        bool isSilent = to is not null && (network.IsBlocked(from, to) || network.IsBlocked(to, from) || (to.IsRunning && to.Process!.IsStopped));
        if (isSilent)
        {
            Fail(DialFailure.Unreachable, world.Random.Between(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(1)));
        }
        else if (target is { IsListening: false } && world.NowTicks < target.PortOpenUntil)
        {
            Fail(DialFailure.Unreachable, network.NextDelay());
        }
        else if (target is not { IsListening: true } || network.Refusing.Contains(to!.Number))
        {
            Fail(DialFailure.Refused, network.NextDelay());
        }
        else if (target.Self!.Grid != self.Grid)
        {
            Fail(DialFailure.Foreign, network.NextDelay());
        }
        else
        {
            network.Connect(dialler, target).Open();
        }
    }

    public void Run()
    {
        dialler.World.Trace.Add(new TraceEntry(
            dialler.World.NowTicks, TraceKind.DialFailed, dialler.Process.Machine.Number, -1, (long)_failure, 0, endpoint));
        receiver.OnDialFailed(endpoint, _failure);
    }

    private void Fail(DialFailure failure, TimeSpan after)
    {
        _failure = failure;
        dialler.World.After(after, this, 1);
    }
}
