namespace ActorGrid.Cluster;

/// <summary>One end of a link between two nodes of an <see cref="InMemoryNetwork"/>.</summary>
internal sealed class InMemoryLink(InMemoryPort port, InMemoryInbox inbox, NodeHello peer, string? dialled) : ILink
{
    private InMemoryLink _far = null!;
    private int _isClosed;

    public NodeHello Peer => peer;

    public string? DialledEndpoint => dialled;

    public InMemoryInbox Inbox => inbox;

    public void Join(InMemoryLink far)
    {
        _far = far;
        far._far = this;
    }

    public bool Send(ReadOnlySpan<byte> frame, Lane lane)
    {
        if (Volatile.Read(ref _isClosed) != 0) return false;
        if (port.Network.Loses(this, port.Endpoint, peer.Endpoint)) return true;
        var far = _far;
        byte[] copy = frame.ToArray();
        return far.Inbox.TryAdd(copy.Length, lane, receiver => receiver.OnFrame(far, copy, lane));
    }

    public void Close()
    {
        CloseHere();
        _far.CloseHere();
    }

    /// <summary>Closes a link that nobody knows yet.</summary>
    public void Sever()
    {
        _isClosed = _far._isClosed = 1;
        port.Forget(this);
        _far.Forget();
    }

    private void Forget() => port.Forget(this);

    private void CloseHere()
    {
        if (Interlocked.Exchange(ref _isClosed, 1) != 0) return;
        port.Forget(this);
        inbox.Add(receiver => receiver.OnClosed(this));
    }
}
