using ActorGrid.Actors;

namespace ActorGrid.Cluster;

/// <summary>Decodes what comes on the links of an incarnation, on the transport's thread, and hands each message to whom it concerns.</summary>
internal sealed class PeerReceiver(
    NodeParts parts, Standing standing, ActorRef<IPeerMessage> peers, ActorRef<INodeMessage> node, IMessageReceiver router, IMessageReceiver services)
    : ITransportReceiver
{
    private volatile bool _isOver;

    /// <summary>The actor of the links ends, and closes them: it is told no more, not of that either.</summary>
    public void End() => _isOver = true;

    public void OnOpened(ILink link) => Tell(new LinkUp(link));

    public void OnClosed(ILink link) => Tell(new LinkDown(link));

    public void OnDialFailed(string endpoint, DialFailure failure) => Tell(new DialFailed(endpoint, failure));

    public void OnFrame(ILink link, ReadOnlySpan<byte> frame, Lane lane)
    {
        WireMessage message;
        try
        {
            message = WireCodec.Decode(frame);
        }
        catch (CodecException e)
        {
            ClusterMeter.OnMalformed();
            Tell(new Malformed(link, e));
            link.Close();
            return;
        }
        switch (message)
        {
            case Heartbeat beat:
                Tell(new HeartbeatCame(link, beat));
                break;
            case AskSent or AskAnswered:
                router.Receive(standing, link, message);
                break;
            case ServiceSent:
                services.Receive(standing, link, message);
                break;
            case HandoverSent:
                parts.Steward?.TryTell(new FromPeer(standing, link, message));
                break;
            default:
                node.TryTell(new FromPeer(standing, link, message));
                break;
        }
    }

    private void Tell(IPeerMessage message)
    {
        if (!_isOver) peers.TryTell(message);
    }
}

/// <summary>Takes messages on the thread of the transport, in the order in which they came on each link. Must neither block nor throw.</summary>
internal interface IMessageReceiver
{
    void Receive(Standing standing, ILink link, WireMessage message);
}
