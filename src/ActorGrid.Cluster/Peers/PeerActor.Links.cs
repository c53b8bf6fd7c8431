using System.Collections.Frozen;

namespace ActorGrid.Cluster;

internal sealed partial class PeerActor
{
    private void OnLinkUp(ILink link)
    {
        var id = link.Peer.Incarnation;
        if (id == _standing.Incarnation)
        {
            LogLinkedToItself(link.Peer.Endpoint);
            link.Close();
            return;
        }
        if (!_peers.TryGetValue(id, out var peer)) _peers.Add(id, peer = new Peer(id, Now));
        bool isFirst = peer.Link is null;
        _dials.Remove(link.Peer.Endpoint);
        peer.Add(link);
        peer.Linked(Now);
        EndDial(peer);
        peer.Dials = 0;
        SetIsRefused(peer, false);
        if (AnotherAt(link.Peer.Endpoint, id) is { } gone)
        {
            EndDial(gone);
            SetIsRefused(gone, gone.Link is null);
        }
        Beat(peer, Now);
        if (isFirst) PublishOpened(peer);
    }

    private void OnLinkDown(ILink link)
    {
        if (!_peers.TryGetValue(link.Peer.Incarnation, out var peer)) return;
        bool wasUsed = peer.Link == link;
        if (!peer.Remove(link)) return;
        if (wasUsed)
        {
            PublishLinks();
            _router.TryTell(new LinkClosed(_standing, peer.Incarnation));
            _node.Tell(new LinkClosed(_standing, peer.Incarnation));
            // What was sent on that one may be lost, whichever takes its place.
            if (peer.Link is not null) PublishOpened(peer);
        }
        if (peer.Link is not null) return;
        if (peer.Look(Now, SilentAfter)) TellSights();
        if (peer.Endpoint is null)
        {
            _peers.Remove(peer.Incarnation);
            // Whoever held a member's address has left it: who answers there now?
            if (AnotherAt(link.Peer.Endpoint, peer.Incarnation) is { } member) DialSoon(member, TimeSpan.Zero);
        }
        else DialSoon(peer, TimeSpan.Zero);
    }

    private void OnDialFailed(string endpoint, DialFailure failure)
    {
        if (MemberAt(endpoint) is not { } peer) return;
        // It may be the outcome of a dial for another, who was there before.
        bool wasForIt = _dials.Remove(endpoint, out var dialled) && dialled == peer.Incarnation;
        EndDial(peer);
        if (peer.Link is not null) return;
        if (wasForIt) SetIsRefused(peer, failure != DialFailure.Unreachable);
        DialSoon(peer, Redial.Delay(peer.Dials++, Context.Random));
    }

    private void OnMembers(ClusterView view)
    {
        foreach (var member in view.Members)
        {
            if (member.Incarnation == _standing.Incarnation) continue;
            if (!_peers.TryGetValue(member.Incarnation, out var peer)) _peers.Add(member.Incarnation, peer = new Peer(member.Incarnation, Now));
            if (peer.Endpoint is not null) continue;
            peer.Endpoint = member.Endpoint;
            if (member.Endpoint == _self.Endpoint)
            {
                // One that was here before: who listens there now is this node.
                peer.IsRefused = true;
            }
            else if (peer.Link is null)
            {
                // One that joins, and a client, is known to nobody yet.
                bool isKnown = view.Find(_standing.Incarnation) is { Status: not MemberStatus.Joining };
                bool isFirst = !isKnown || _standing.Incarnation.CompareTo(member.Incarnation) < 0;
                DialSoon(peer, isFirst ? TimeSpan.Zero : SecondDialAfter);
            }
        }
        foreach (var peer in _peers.Values.Where(p => p.Endpoint is not null && view.Find(p.Incarnation) is null).ToList())
        {
            peer.Endpoint = null;
            EndDial(peer);
            // It has left or was declared dead: nobody is to hear from it as from a member.
            foreach (var link in peer.Links.ToList()) link.Close();
            if (peer.Link is null) _peers.Remove(peer.Incarnation);
        }
        TellSights();
    }

    private void DialSoon(Peer peer, TimeSpan delay)
    {
        if (peer.IsDialling || peer.Endpoint == _self.Endpoint) return;
        peer.IsDialling = true;
        if (delay == TimeSpan.Zero) DialAtOnce(peer);
        else Context.Timers.StartOnce(peer, delay, new DialNow(peer.Incarnation));
    }

    private void DialAtOnce(Peer peer)
    {
        if (peer.Endpoint is null || peer.Link is not null)
        {
            peer.IsDialling = false;
            return;
        }
        // In case that whoever answers there calls itself by another address, or the transport forgets to report.
        Context.Timers.StartOnce(peer, DialPatience, new DialNow(peer.Incarnation));
        _dials.TryAdd(peer.Endpoint, peer.Incarnation);
        _parts.Setting.Transport.Dial(peer.Endpoint);
    }

    private void EndDial(Peer peer)
    {
        peer.IsDialling = false;
        Context.Timers.Cancel(peer);
    }

    private void SetIsRefused(Peer peer, bool isRefused)
    {
        if (peer.IsRefused == isRefused) return;
        peer.IsRefused = isRefused;
        TellSights();
    }

    private void PublishOpened(Peer peer)
    {
        PublishLinks();
        _router.TryTell(new LinkOpened(_standing, peer.Incarnation));
        _node.Tell(new LinkOpened(_standing, peer.Incarnation));
    }

    private void PublishLinks() =>
        _standing.Links = _peers.Values.Where(p => p.Link is not null).ToFrozenDictionary(p => p.Incarnation, p => p.Link!);

    private Peer? MemberAt(string endpoint) => _peers.Values.FirstOrDefault(p => p.Endpoint == endpoint);

    private Peer? AnotherAt(string endpoint, Guid than) =>
        endpoint.Length == 0 ? null : _peers.Values.FirstOrDefault(p => p.Endpoint == endpoint && p.Incarnation != than);
}
