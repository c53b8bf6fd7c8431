using ActorGrid.Actors;

namespace ActorGrid.Cluster;

/// <summary>One node's place on an <see cref="InMemoryNetwork"/>.</summary>
internal sealed class InMemoryPort(InMemoryNetwork network, string endpoint, Dispatcher? dispatcher) : ITransport
{
    private readonly Lock _lock = new();
    private List<InMemoryLink> _links = [];
    private Session? _session;
    private bool _isClosed;

    public string Endpoint => endpoint;

    public InMemoryNetwork Network => network;

    public int LinkCount
    {
        get
        {
            lock (_lock) return _links.Count;
        }
    }

    public void Start(NodeHello self, ITransportReceiver receiver)
    {
        CloseLinks();
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            _session = new Session(self, new InMemoryInbox(receiver, dispatcher));
        }
        if (endpoint.Length > 0) network.Listen(this);
    }

    public void Dial(string peer)
    {
        if (Present() is not { } session) return;
        var listener = network.Find(peer);
        var answering = listener?.Present();
        if (listener == this) throw new ArgumentException($"'{peer}' is this node's own endpoint.", nameof(peer));
        if (network.IsCut(endpoint, peer) || network.IsCut(peer, endpoint)) session.Inbox.Add(receiver => receiver.OnDialFailed(peer, DialFailure.Unreachable));
        else if (answering is null) session.Inbox.Add(receiver => receiver.OnDialFailed(peer, DialFailure.Refused));
        else if (answering.Self.Grid != session.Self.Grid) session.Inbox.Add(receiver => receiver.OnDialFailed(peer, DialFailure.Foreign));
        else Join(session, listener!, answering);
    }

    public ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            _isClosed = true;
            _session = null;
        }
        network.Close(this);
        CloseLinks();
        return default;
    }

    public void Forget(InMemoryLink link)
    {
        lock (_lock) _links.Remove(link);
    }

    private Session? Present()
    {
        lock (_lock) return _session;
    }

    private void Join(Session session, InMemoryPort listener, Session answering)
    {
        var near = new InMemoryLink(this, session.Inbox, answering.Self, listener.Endpoint);
        var far = new InMemoryLink(listener, answering.Inbox, session.Self, dialled: null);
        near.Join(far);
        if (!Keep(session, near) || !listener.Keep(answering, far))
        {
            // One of the two has started over or closed meanwhile. Nobody has been told of this link yet.
            near.Sever();
            session.Inbox.Add(receiver => receiver.OnDialFailed(listener.Endpoint, DialFailure.Unreachable));
            return;
        }
        far.Inbox.Add(receiver => receiver.OnOpened(far));
        near.Inbox.Add(receiver => receiver.OnOpened(near));
    }

    private bool Keep(Session session, InMemoryLink link)
    {
        lock (_lock)
        {
            if (_session != session) return false;
            _links.Add(link);
            return true;
        }
    }

    private void CloseLinks()
    {
        List<InMemoryLink> links;
        lock (_lock) (links, _links) = (_links, []);
        foreach (var link in links) link.Close();
    }

    private sealed record Session(NodeHello Self, InMemoryInbox Inbox);
}
