using ActorGrid.Actors;
using ActorGrid.Cluster;

namespace ActorGrid.Testing;

/// <summary>One end of a connection.</summary>
internal sealed class LinkEnd : ILink, IOccurrence, IRunnable
{
    private readonly Connection _connection;
    private readonly SimulatedTransport _transport;
    private readonly ITransportReceiver _receiver;
    private readonly FrameLane _control;
    private readonly FrameLane _data;
    private Phase _phase;
    private bool _endStalled;
    private bool _endIsComing;

    public LinkEnd(Connection connection, SimulatedTransport transport, NodeHello peer, string? dialledEndpoint)
    {
        _connection = connection;
        _transport = transport;
        _receiver = transport.Receiver!;
        Peer = peer;
        DialledEndpoint = dialledEndpoint;
        _control = new FrameLane(this, Lane.Control);
        _data = new FrameLane(this, Lane.Data);
        transport.Add(this);
    }

    private enum Phase
    {
        Opening,
        Open,
        Closing,
        Closed,
    }

    public NodeHello Peer { get; }

    public string? DialledEndpoint { get; }

    public SimulatedProcess Process => _transport.Process;

    public SimulatedMachine Machine => _transport.Process.Machine;

    public World World => _connection.World;

    public LinkEnd Other => _connection.OtherEnd(this);

    /// <summary>Whether frames still come out here.</summary>
    public bool TakesFrames => _phase is Phase.Opening or Phase.Open && !Process.IsDead;

    public bool IsOver => _phase == Phase.Closed || Process.IsDead;

    public bool HasStalled => _endStalled || _control.HasStalled || _data.HasStalled;

    public bool Send(ReadOnlySpan<byte> frame, Lane lane)
    {
        if (!World.IsOnThread(this) || _phase != Phase.Open) return false;
        return (lane == Lane.Control ? _control : _data).TrySend(frame);
    }

    public void Close()
    {
        if (!World.IsOnThread(this) || _phase is Phase.Closing or Phase.Closed) return;
        bool wasOpening = _phase == Phase.Opening;
        _phase = wasOpening ? Phase.Closed : Phase.Closing;
        if (wasOpening) _transport.Remove(this);
        // What was taken before arrives before the end does, or the end overtakes it.
        Other.LearnOfEnd(dropsFrames: World.Random.Chance(0.5));
        Process.Enqueue(new Work(Process, this, State: null));
    }

    /// <summary>The link is open here after that time.</summary>
    public void BeginOpen(TimeSpan after) => World.After(after, this, 0);

    /// <summary>The end of the connection is on its way here.</summary>
    /// <param name="dropsFrames">Whether frames that are on their way here are lost.</param>
    public void LearnOfEnd(bool dropsFrames)
    {
        if (_endIsComing || _phase is Phase.Closing or Phase.Closed) return;
        _endIsComing = true;
        if (dropsFrames) Other.DropFrames();
        long last = Other.LastDue;
        World.At(Math.Max(last, World.NowTicks + World.Network.NextDelay().Ticks), this, 1);
    }

    public void Flush()
    {
        FlushLanes();
        if (!_endStalled) return;
        _endStalled = false;
        World.After(World.Network.NextDelay(), this, 1);
    }

    /// <summary>The link opens (0), or its end arrives (1).</summary>
    public void Occur(long argument)
    {
        if (Process.IsDead)
        {
            // Nobody is here any more; the other side learns that at once, unless the machine is gone with the process.
            if (argument == 0 && !Machine.IsLost) Other.LearnOfEnd(dropsFrames: true);
            return;
        }
        if (argument == 1)
        {
            if (_phase is Phase.Closing or Phase.Closed) return;
            if (World.Network.IsBlocked(Other.Machine, Machine))
            {
                _endStalled = true;
                return;
            }
            if (_phase == Phase.Opening)
            {
                // Who dialled hears of the link before he hears of its end.
                World.After(World.Network.NextDelay(), this, 1);
            }
            else
            {
                _phase = Phase.Closing;
            }
        }
        Process.Enqueue(new Work(Process, this, State: null));
    }

    /// <summary>Tells the owner that the link has opened, or closed.</summary>
    public void Run()
    {
        if (_phase == Phase.Opening)
        {
            _phase = Phase.Open;
            Record(TraceKind.LinkOpened);
            _receiver.OnOpened(this);
            Other.FlushLanes();
        }
        else if (_phase == Phase.Closing)
        {
            _phase = Phase.Closed;
            Record(TraceKind.LinkClosed);
            _transport.Remove(this);
            _connection.ForgetIfOver();
            _receiver.OnClosed(this);
        }
    }

    internal void Deliver(ReadOnlySpan<byte> frame, Lane lane)
    {
        if (_phase == Phase.Open) _receiver.OnFrame(this, frame, lane);
    }

    internal bool IsOpening => _phase == Phase.Opening;

    internal bool IsOpenHere => _phase == Phase.Open;

    private long LastDue => Math.Max(_control.LastDue, _data.LastDue);

    private void FlushLanes()
    {
        _control.Flush();
        _data.Flush();
    }

    private void DropFrames()
    {
        _control.Drop();
        _data.Drop();
    }

    private void Record(TraceKind kind) =>
        World.Trace.Add(new TraceEntry(World.NowTicks, kind, Machine.Number, -1, _connection.Number, Other.Machine.Number, null));
}
