using System.Collections.Frozen;
using System.Collections.Immutable;
using ActorGrid.Actors;

namespace ActorGrid.Cluster;

/// <summary>The links of an incarnation: dials the members, tells all peers that this node lives, and sees which of them do.</summary>
/// <remarks>It runs apart from entities, if the node was given a dispatcher for that, so that a busy pool is not mistaken for a dead node.</remarks>
internal sealed partial class PeerActor : Actor<IPeerMessage>
{
    /// <summary>A pair dials from one side first; the other waits this long, so that there is mostly one link.</summary>
    private static readonly TimeSpan SecondDialAfter = TimeSpan.FromMilliseconds(500);

    /// <summary>How long the dial of this node may take that was under way when its peer was faster.</summary>
    private static readonly TimeSpan CheckAfter = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan DialPatience = TimeSpan.FromSeconds(10);

    private static readonly Backoff Redial = new() { First = TimeSpan.FromMilliseconds(50), Max = TimeSpan.FromSeconds(1) };

    /// <summary>The links of a process that ends close before its port does: for a moment it seems to listen still, and breaks off. Who has just lost its links to a peer looks again soon, and
    /// not often.</summary>
    private static readonly Backoff LookAgain = new() { First = TimeSpan.FromMilliseconds(5), Max = TimeSpan.FromMilliseconds(40) };

    private const int LooksMax = 4;

    /// <summary>An address that cannot be dialled from here is a matter of the network, and may never change.</summary>
    private static readonly Backoff Recheck = new() { First = TimeSpan.FromSeconds(1), Max = TimeSpan.FromMinutes(1) };

    private readonly NodeParts _parts;
    private readonly Standing _standing;
    private readonly ActorRef<INodeMessage> _node;
    private readonly ActorRef<IRouterMessage> _router;
    private readonly Func<ActorRef<IPeerMessage>, PeerReceiver> _newReceiver;
    private readonly NodeHello _self;

    /// <summary>In the order of incarnations, so that nothing hangs on how a hash table lays them out.</summary>
    private readonly SortedDictionary<Guid, Peer> _peers = [];

    /// <summary>For whom each endpoint was dialled, until the outcome is known.</summary>
    private readonly Dictionary<string, Guid> _dials = new(StringComparer.Ordinal);
    private PeerReceiver? _receiver;
    private long _tickedAt;

    public PeerActor(
        NodeParts parts, Standing standing, NodeHello self, ActorRef<INodeMessage> node, ActorRef<IRouterMessage> router,
        Func<ActorRef<IPeerMessage>, PeerReceiver> newReceiver)
    {
        _parts = parts;
        _standing = standing;
        _self = self;
        _node = node;
        _router = router;
        _newReceiver = newReceiver;
    }

    private long Now => Context.Time.GetTimestamp();

    private long SilentAfter => InTicks(_parts.Options.SilentAfter);

    protected override ValueTask OnStartAsync()
    {
        _logger = Context.Logger;
        _tickedAt = Now;
        _receiver = _newReceiver(Self);
        _parts.Setting.Transport.Start(_self, _receiver);
        StartTicking();
        return default;
    }

    protected override ValueTask OnStopAsync()
    {
        _receiver?.End();
        foreach (var peer in _peers.Values)
        {
            foreach (var link in peer.Links) link.Close();
        }
        _standing.Links = FrozenDictionary<Guid, ILink>.Empty;
        return default;
    }

    protected override ValueTask OnMessageAsync(IPeerMessage message)
    {
        switch (message)
        {
            case HeartbeatCame came:
                OnHeartbeat(came.Link, came.Beat);
                break;
            case Tick:
                OnTick();
                break;
            case LeaseNumberChanged:
                // Whoever has to wait for the lease waits from when it learns of this number: a node that dies now has told it.
                OnTick();
                StartTicking();
                break;
            case LinkUp up:
                OnLinkUp(up.Link);
                break;
            case LinkDown down:
                OnLinkDown(down.Link);
                break;
            case DialFailed failed:
                OnDialFailed(failed.Endpoint, failed.Failure);
                break;
            case DialNow dial:
                if (_peers.TryGetValue(dial.Peer, out var peer)) DialAtOnce(peer);
                break;
            case Malformed malformed:
                LogMalformed(malformed.Link.Peer.Name, malformed.Link.Peer.Endpoint, malformed.Fault.Message);
                break;
            case MembersChanged changed:
                OnMembers(changed.View);
                break;
        }
        return default;
    }

    private void StartTicking() => Context.Timers.StartPeriodic(typeof(Tick), _parts.Options.HeartbeatEvery, Tick.Instance);

    private void OnHeartbeat(ILink link, Heartbeat beat)
    {
        if (!_peers.TryGetValue(link.Peer.Incarnation, out var peer) || !peer.Links.Contains(link)) return;
        long now = Now;
        bool wasHeard = peer.IsHeard(now, SilentAfter);
        peer.Heard(now, beat.HearsYou);
        // A link that has lasted is no sign that the next one will not.
        if (!wasHeard || peer.HasLinkSince(now - SilentAfter)) peer.Dials = 0;
        if (!wasHeard)
        {
            // It learns at once that it is heard, and need not wait for the next round.
            Beat(peer, now);
        }
        if (peer.Look(now, SilentAfter)) TellSights();
        if (beat.LeaseNumber > peer.LeaseNumber)
        {
            peer.LeaseNumber = beat.LeaseNumber;
            _node.Tell(new LeaseNumberSeen(_standing, peer.Incarnation, beat.LeaseNumber));
        }
        if (beat.ViewVersion > _standing.View.Version) _node.Tell(new NewerViewSeen(_standing, link, beat.ViewVersion));
    }

    private void OnTick()
    {
        long now = Now;
        long late = now - _tickedAt - InTicks(_parts.Options.HeartbeatEvery);
        _tickedAt = now;
        bool changed = false;
        List<ILink> stale = [];
        foreach (var peer in _peers.Values)
        {
            // Whoever was held up itself has not listened, and must not take that for the silence of others.
            if (late > InTicks(_parts.Options.HeartbeatEvery)) peer.Excuse(late, now);
            Beat(peer, now);
            changed |= peer.Look(now, SilentAfter);
            if (peer.IsStale(now, 3 * SilentAfter)) stale.AddRange(peer.Links);
        }
        if (changed) TellSights();
        foreach (var link in stale)
        {
            LogStale(link.Peer.Name);
            link.Close();
        }
    }

    private void Beat(Peer peer, long now)
    {
        var beat = new Heartbeat(_standing.View.Version, _standing.Lease.Number, peer.IsHeard(now, SilentAfter));
        Span<byte> frame = stackalloc byte[WireCodec.BytesMax(beat)];
        frame = frame[..WireCodec.Encode(beat, frame)];
        foreach (var link in peer.Links) link.Send(frame, Lane.Control);
    }

    private void TellSights() => _node.Tell(new PeersSeen(
        _standing, [.. _peers.Values.Where(p => p.Endpoint is not null).Select(p => new PeerSight(p.Incarnation, p.IsReachable, p.Since, p.IsRefused))]));

    private long InTicks(TimeSpan time) => (long)(time.TotalSeconds * Context.Time.TimestampFrequency);

    private sealed record Tick : IPeerMessage
    {
        public static readonly Tick Instance = new();
    }

    private sealed record DialNow(Guid Peer) : IPeerMessage;
}
