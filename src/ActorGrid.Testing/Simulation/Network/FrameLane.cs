using ActorGrid.Actors;
using ActorGrid.Cluster;

namespace ActorGrid.Testing;

/// <summary>The frames that are on their way from one end of a link to the other in one lane, in their order.</summary>
internal sealed class FrameLane(LinkEnd from, Lane lane) : IOccurrence, IRunnable
{
    private readonly Queue<(byte[] Buffer, int Length)> _underWay = new();
    private int _stalled;
    private int _dropped;

    /// <summary>When the last one is due.</summary>
    public long LastDue { get; private set; }

    public bool HasStalled => _stalled > 0;

    private World World => from.World;

    public bool TrySend(ReadOnlySpan<byte> frame)
    {
        var network = World.Network;
        if (_underWay.Count >= network.LaneFramesMax) return false;
        byte[] buffer = network.Rent(frame.Length);
        frame.CopyTo(buffer);
        _underWay.Enqueue((buffer, frame.Length));
        Record(TraceKind.FrameSent, from.Machine, from.Other.Machine, frame);
        LastDue = Math.Max(LastDue, World.NowTicks + network.NextDelay().Ticks);
        World.At(LastDue, this);
        return true;
    }

    /// <summary>Loses what is under way.</summary>
    public void Drop()
    {
        _dropped += _underWay.Count - _stalled;
        foreach (var (buffer, length) in _underWay) World.Network.Return(buffer, length);
        _underWay.Clear();
        _stalled = 0;
    }

    /// <summary>Lets what could not get through try again.</summary>
    public void Flush()
    {
        for (; _stalled > 0; _stalled--)
        {
            LastDue = Math.Max(LastDue, World.NowTicks + World.Network.NextDelay().Ticks);
            World.At(LastDue, this);
        }
    }

    /// <summary>The next frame arrives.</summary>
    public void Occur(long argument)
    {
        if (_dropped > 0)
        {
            _dropped--;
            return;
        }
        var to = from.Other;
        if (!to.TakesFrames) return;
        if (World.Network.IsBlocked(from.Machine, to.Machine)) _stalled++;
        else to.Process.Enqueue(new Work(to.Process, this, State: null));
    }

    public void Run()
    {
        var to = from.Other;
        if (to.IsOpening)
        {
            // The other side may send before this one knows that the link is open.
            _stalled++;
            return;
        }
        if (!_underWay.TryDequeue(out var next)) return;
        if (to.IsOpenHere)
        {
            Record(TraceKind.FrameDelivered, to.Machine, from.Machine, next.Buffer.AsSpan(0, next.Length));
            World.Network.FramesDelivered++;
            to.Deliver(next.Buffer.AsSpan(0, next.Length), lane);
        }
        World.Network.Return(next.Buffer, next.Length);
    }

    private void Record(TraceKind kind, SimulatedMachine machine, SimulatedMachine other, ReadOnlySpan<byte> frame) =>
        World.Trace.Add(new TraceEntry(
            World.NowTicks, kind, machine.Number, -1, (long)Trace.HashOf(frame), other.Number, World.Trace.IsRecorded ? frame.ToArray() : null));
}
