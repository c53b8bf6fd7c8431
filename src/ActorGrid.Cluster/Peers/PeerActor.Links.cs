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
        bool isFirst = peer.Link is null, isCheck = peer.IsChecking;
        bool isDialled = peer.Endpoint is not null && _dials.ContainsKey(peer.Endpoint);
        if (link.DialledEndpoint is { } dialled) OnAnswer(dialled, id);
        if (peer.Endpoint is not null) _dials.Remove(peer.Endpoint);
        peer.Add(link);
        peer.Linked(Now);
        EndDial(peer);
        peer.IsKnownThere |= peer.Endpoint is not null && link.DialledEndpoint == peer.Endpoint;
        SetIsRefused(peer, false);
        // What a peer says of its own address is no evidence: it is a reason to look who answers there, if that can be evidence and is not known yet.
        // The look is a link too, which makes the other side look: both would go on for ever if they asked for what they know.
        if (link.DialledEndpoint is null && AnotherAt(link.Peer.Endpoint, id) is { Link: null, IsKnownThere: true, IsRefused: false } member) DialAnew(member);
        Beat(peer, Now);
        if (isFirst) PublishOpened(peer);
        // If both sides are just dialling each other, the dial of this one will show it.
        CheckAddress(peer, isDialled ? CheckAfter : TimeSpan.Zero);
        // It has shown who answers there. The peer uses the link that was there before, as this node does, so nothing is under way on this one.
        if (isCheck && link.DialledEndpoint is not null && peer.Link != link) link.Close();
    }

    /// <summary>Somebody has answered at an endpoint that was dialled.</summary>
    private void OnAnswer(string endpoint, Guid incarnation)
    {
        if (MemberAt(endpoint) is not { } member || member.Incarnation == incarnation) return;
        bool wasForIt = TakeDial(member);
        EndDial(member);
        if (wasForIt && member is { IsKnownThere: true, Link: null }) SetIsRefused(member, true);
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
        peer.Looks = peer.Checks = 0;
        if (peer.Look(Now, SilentAfter)) TellSights();
        if (peer.Endpoint is null)
        {
            _peers.Remove(peer.Incarnation);
            // Whoever held a member's address has left it: who answers there now?
            if (AnotherAt(link.DialledEndpoint ?? link.Peer.Endpoint, peer.Incarnation) is { Link: null } member) DialAgain(member);
        }
        else DialAgain(peer);
    }

    private void OnDialFailed(string endpoint, DialFailure failure)
    {
        if (MemberAt(endpoint) is not { } peer) return;
        bool wasForIt = TakeDial(peer);
        EndDial(peer);
        if (peer.Link is not null)
        {
            if (!peer.IsKnownThere) DialSoon(peer, Recheck.Delay(peer.Checks++, Context.Random));
            return;
        }
        // An address that was never seen to be its own may be refused while it lives: it was never there, as seen from here.
        if (wasForIt) SetIsRefused(peer, failure != DialFailure.Unreachable && peer.IsKnownThere);
        bool mayBeEnding = failure == DialFailure.Unreachable && peer.IsKnownThere && peer.Looks < LooksMax;
        DialSoon(peer, mayBeEnding ? LookAgain.Delay(peer.Looks++, Context.Random) : Redial.Delay(peer.Dials++, Context.Random));
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
                // One that was here before: who listens there now is this node. One of another host may listen at the same endpoint there.
                peer.IsRefused = member.Host is not null && member.Host == _parts.Setting.Host;
            }
            else if (peer.Link is null)
            {
                // One that joins, and a client, is known to nobody yet.
                bool isKnown = view.Find(_standing.Incarnation) is { Status: not MemberStatus.Joining };
                bool isFirst = !isKnown || _standing.Incarnation.CompareTo(member.Incarnation) < 0;
                DialSoon(peer, isFirst ? TimeSpan.Zero : SecondDialAfter);
            }
            CheckAddress(peer, TimeSpan.Zero);
        }
        foreach (var peer in _peers.Values.Where(p => p.Endpoint is not null && view.Find(p.Incarnation) is null).ToList())
        {
            peer.Endpoint = null;
            peer.IsKnownThere = false;
            EndDial(peer);
            // It has left or was declared dead: nobody is to hear from it as from a member.
            foreach (var link in peer.Links.ToList()) link.Close();
            if (peer.Link is null) _peers.Remove(peer.Incarnation);
        }
        TellSights();
    }

    /// <summary>Looks whether a member answers at its address, if it is the one that has dialled: when it dies, only who knows that it was there can tell from the
    /// address that it is there no more.</summary>
    private void CheckAddress(Peer peer, TimeSpan delay)
    {
        if (peer is { Endpoint: not null, Link: not null, IsKnownThere: false }) DialSoon(peer, delay);
    }

    /// <summary>Dials at once, whatever is under way or waited for.</summary>
    private void DialAnew(Peer peer)
    {
        EndDial(peer);
        DialSoon(peer, TimeSpan.Zero);
    }

    /// <summary>Dials at once if the peer has been heard since the last time; else, since links to it close without a word, ever more slowly.</summary>
    private void DialAgain(Peer peer)
    {
        EndDial(peer);
        DialSoon(peer, peer.Dials++ == 0 ? TimeSpan.Zero : Redial.Delay(peer.Dials - 2, Context.Random));
    }

    /// <summary>Whether the dial that has ended was for this member, not for another who was there before.</summary>
    private bool TakeDial(Peer member) => _dials.Remove(member.Endpoint!, out var dialled) && dialled == member.Incarnation;

    private void DialSoon(Peer peer, TimeSpan delay)
    {
        if (peer.IsDialling || peer.Endpoint == _self.Endpoint) return;
        peer.IsDialling = true;
        if (delay == TimeSpan.Zero) DialAtOnce(peer);
        else Context.Timers.StartOnce(peer, delay, new DialNow(peer.Incarnation));
    }

    private void DialAtOnce(Peer peer)
    {
        if (peer.Endpoint is null || peer is { Link: not null, IsKnownThere: true })
        {
            peer.IsDialling = false;
            return;
        }
        peer.IsChecking = peer.Link is not null;
        // In case that whoever answers there calls itself by another address, or the transport forgets to report.
        Context.Timers.StartOnce(peer, DialPatience, new DialNow(peer.Incarnation));
        _dials.TryAdd(peer.Endpoint, peer.Incarnation);
        _parts.Setting.Transport.Dial(peer.Endpoint);
    }

    private void EndDial(Peer peer)
    {
        peer.IsDialling = peer.IsChecking = false;
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
