using ActorGrid.Persistence;

namespace ActorGrid.Cluster;

/// <summary>Sending what is parked, and again what was sent in vain.</summary>
internal sealed partial class RouterActor
{
    /// <summary>Does what is due for each shard that asks wait for.</summary>
    private void TakeSteps()
    {
        foreach (var shard in InTurn())
        {
            switch (shard.Next(Now))
            {
                case ParkedStep.Probe:
                    Probe(shard);
                    break;
                case ParkedStep.Flush:
                    Flush(shard);
                    break;
                case ParkedStep.Forget:
                    Forget(shard.Shard);
                    break;
            }
        }
    }

    /// <summary>The view has changed, or there is a link to that peer: whoever that may help is sent now.</summary>
    private void Reconsider(Guid linkedPeer)
    {
        if (Standing is not { } standing) return;
        bool isOther = standing != _lastStanding;
        _lastStanding = standing;
        foreach (var shard in InTurn())
        {
            var owner = shard.Shard == Unknown ? Guid.Empty : OwnerOf(standing, shard.Shard);
            bool isHelped = isOther || shard.Shard == Unknown || owner != shard.Owner || (linkedPeer != Guid.Empty && owner == linkedPeer);
            if (!isHelped) continue;
            shard.Begin(owner, Now);
            Flush(shard);
        }
    }

    private IReadOnlyList<ParkedShard> InTurn() => parked.Count == 0
        ? []
        : [.. parked.Values.Where(s => s.Shard.Value >= _first.Value), .. parked.Values.Where(s => s.Shard.Value < _first.Value)];

    /// <summary>Sends what waits for a shard, as far as that goes.</summary>
    private void Flush(ParkedShard shard)
    {
        if (shard.Shard == Unknown)
        {
            RouteUnknown(shard);
            return;
        }
        bool progressed = false;
        var obstacle = Obstacle.None;
        int room = shard.NextGroup;
        while (shard.Asks.TryPeek(out var ask))
        {
            if (!ask.IsDone && (room-- == 0 || (obstacle = Forward(ask, shard, relay: null)) != Obstacle.None)) break;
            // Dequeued at once: what comes back is parked behind the others.
            shard.Asks.Dequeue();
            router.Unpark();
            progressed = true;
        }
        if (obstacle == Obstacle.None)
        {
            if (shard.Asks.Count > 0) shard.Probed(Now);
            else shard.Flowed(Now);
        }
        else
        {
            shard.Blocked(progressed, needsProbe: obstacle == Obstacle.NoLink, Now, Context.Random);
            if (obstacle == Obstacle.LinkFull) _first = shard.Shard;
        }
        Hold(shard);
    }

    /// <summary>Sends one ask alone. If there is no link to the owner, by way of a member that may have one.</summary>
    private void Probe(ParkedShard shard)
    {
        while (shard.Asks.TryPeek(out var ask))
        {
            if (!ask.IsDone && Forward(ask, shard, NextRelay(shard.Owner)) is not Obstacle.None and var obstacle)
            {
                shard.Blocked(progressed: false, needsProbe: obstacle == Obstacle.NoLink, Now, Context.Random);
                Hold(shard);
                return;
            }
            shard.Asks.Dequeue();
            router.Unpark();
            if (ask.IsDone) continue;
            break;
        }
        shard.Probed(Now);
        Hold(shard);
    }

    private Obstacle Forward(IPendingAsk ask, ParkedShard shard, ILink? relay) =>
        Standing is { } standing ? router.TryForward(ask, shard.Shard, standing, relay) : Obstacle.NoStanding;

    private void RouteUnknown(ParkedShard shard)
    {
        Forget(Unknown);
        // Those whose shard is still unknown come back into a new queue.
        foreach (var ask in shard.Asks) Route(ask, Guid.Empty);
        if (parked.TryGetValue(Unknown, out var again)) again.Blocked(progressed: false, needsProbe: false, Now, Context.Random);
    }

    /// <summary>A member that might reach the owner, another each time.</summary>
    private ILink? NextRelay(Guid owner)
    {
        if (Standing is not { } standing) return null;
        var links = standing.Links;
        var members = standing.View.Members;
        for (int i = 0; i < members.Length; i++)
        {
            var member = members[_relaysTried++ % members.Length];
            if (_relaysTried == int.MaxValue) _relaysTried = 0;
            if (member.Status == MemberStatus.Joining || member.Incarnation == owner || member.Incarnation == standing.Incarnation) continue;
            if (links.TryGetValue(member.Incarnation, out var link)) return link;
        }
        return null;
    }

    /// <summary>The shard has another owner now.</summary>
    private bool IsOutdated(Attempt attempt) => IsLost(attempt) || OwnerOf(attempt.Standing, attempt.Shard) != attempt.Owner;

    /// <summary>No answer will come: the link has gone, or the incarnation that asked.</summary>
    private static bool IsLost(Attempt attempt) =>
        attempt.Standing.IsOver || !attempt.Standing.Links.TryGetValue(attempt.Link.Peer.Incarnation, out var link) || link != attempt.Link;

    private void SendAgain(Func<Attempt, bool> which)
    {
        foreach (var attempt in router.Attempts.TakeAll(which))
        {
            if (attempt.Relayed is { } relayed)
            {
                router.AnswerNotOwner(relayed.Origin, relayed.Request, attempt.Standing);
                continue;
            }
            if (attempt.IsByRelay) router.Relays.TryRemove(new KeyValuePair<Guid, Guid>(attempt.Owner, attempt.Link.Peer.Incarnation));
            var ask = attempt.Ask!;
            // It may still be on its way, or in the mailbox of a shard.
            ask.MayRunTwice = true;
            router.CountParked(1);
            Route(ask, Guid.Empty);
        }
    }

    /// <summary>Drops what nobody waits for any more, and finds attempts whose loss nobody has told.</summary>
    private void Sweep()
    {
        long now = Context.Time.GetTimestamp();
        foreach (var shard in parked.Values) router.Unpark(shard.DropDone());
        router.Attempts.TakeAll(attempt => attempt.Ask?.IsDone ?? attempt.Relayed!.ExpiresAt <= now);
        SendAgain(IsLost);
        foreach (var owner in router.Relays.Keys)
        {
            // It has left, or is linked by now.
            if (Standing is { } standing && (standing.View.Find(owner) is null || standing.Links.ContainsKey(owner))) router.Relays.TryRemove(owner, out _);
        }
    }
}
