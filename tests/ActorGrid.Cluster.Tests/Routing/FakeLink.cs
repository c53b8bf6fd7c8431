namespace ActorGrid.Cluster.Tests;

/// <summary>One end of a link that the test delivers, holds up and closes.</summary>
internal sealed class FakeLink(RouterNode self, RouterNode peer) : ILink
{
    private readonly Queue<(byte[] Frame, Lane Lane)> _sent = new();

    public NodeHello Peer => peer.Hello;

    public string? DialledEndpoint => null;

    public FakeLink Far { get; set; } = null!;

    public bool IsClosed { get; private set; }

    /// <summary>Takes no more frames.</summary>
    public bool IsFull { get; set; }

    /// <summary>Keeps what is sent until this is over.</summary>
    public bool IsHeldUp { get; set; }

    /// <summary>What was ever sent on it, decoded.</summary>
    public List<WireMessage> Log { get; } = [];

    public bool Send(ReadOnlySpan<byte> frame, Lane lane)
    {
        if (IsClosed || IsFull) return false;
        Log.Add(WireCodec.Decode(frame));
        _sent.Enqueue((frame.ToArray(), lane));
        return true;
    }

    public void Close() => self.Unlink(peer);

    public void MarkClosed()
    {
        IsClosed = true;
        _sent.Clear();
    }

    /// <summary>Delivers what was sent.</summary>
    /// <returns>Whether there was anything.</returns>
    public bool Deliver()
    {
        bool any = false;
        while (!IsHeldUp && _sent.TryDequeue(out var sent))
        {
            any = true;
            peer.Receive(Far, sent.Frame);
        }
        return any;
    }
}
