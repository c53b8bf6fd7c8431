using ActorGrid.Cluster;

namespace ActorGrid.Transport;

/// <summary>What a transport does for one incarnation of its node: whom it reports to, and the links.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class Session(NodeHello self, ITransportReceiver receiver)
{
    private readonly Lock _lock = new();
    private readonly HashSet<TcpLink> _links = [];
    private bool _isOver;

    public NodeHello Self => self;

    public ITransportReceiver Receiver => receiver;

    public int LinkCount
    {
        get
        {
            lock (_lock) return _links.Count;
        }
    }

    public bool IsOver
    {
        get
        {
            lock (_lock) return _isOver;
        }
    }

    /// <summary>False if another incarnation has begun, or the transport has closed.</summary>
    public bool TryAdd(TcpLink link)
    {
        lock (_lock) return !_isOver && _links.Add(link);
    }

    public void Remove(TcpLink link)
    {
        lock (_lock) _links.Remove(link);
    }

    /// <summary>Closes all links, for good.</summary>
    public void Close()
    {
        TcpLink[] links;
        lock (_lock)
        {
            _isOver = true;
            links = [.. _links];
        }
        foreach (var link in links) link.Close();
    }
}
