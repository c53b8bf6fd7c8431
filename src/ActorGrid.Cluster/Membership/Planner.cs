using System.Globalization;
using ActorGrid.Actors;
using ActorGrid.Persistence;

namespace ActorGrid.Cluster;

/// <summary>Judges what one node has found out, and plans the next view from it. Pure: it keeps nothing and asks nobody.</summary>
internal static class Planner
{
    /// <summary>All that is to be changed in the view as far as this node can tell, in one proposal; null: nothing.</summary>
    /// <param name="view">The newest view that the node knows.</param>
    /// <param name="findings">What the node has found out.</param>
    /// <param name="strategy">Which member should own which shard.</param>
    /// <param name="limits">Times and bounds.</param>
    /// <param name="now">The time by the clock of the findings.</param>
    public static Proposal? Plan(ClusterView view, Findings findings, IAllocationStrategy strategy, MembershipLimits limits, TimeSpan now)
    {
        // One that was a member and is one no more was declared dead or has left: it has no say under this incarnation.
        if (view.Find(findings.Self.Incarnation) is null && (findings.HasJoined || findings.WantsToLeave || IsOver(view, findings))) return null;
        // Who means something else by a lease can judge nobody's.
        if (FaultOfLease(view, limits) is not null) return null;
        var draft = new Draft(view, findings, limits, now);
        draft.Settle();
        draft.Bury();
        draft.Join();
        draft.GoUp();
        draft.Leave();
        var plan = draft.Plan(strategy);
        draft.Assign(plan);
        draft.Move(plan);
        // What it has released makes room.
        if (draft.Release()) draft.Move(plan);
        draft.Go();
        return draft.ToProposal();
    }

    /// <summary>How many members Up would propose before this one; 0: it goes first. A stable hash orders them anew for each subject and version.</summary>
    /// <param name="view">The view that the proposal rests on.</param>
    /// <param name="self">The proposer.</param>
    /// <param name="subject">What it is about: the incarnation of a member, or empty.</param>
    /// <param name="isReachable">Whom the proposer reaches: nobody waits for those who cannot act. Default: everybody.</param>
    public static int Rank(ClusterView view, Guid self, Guid subject, Func<Guid, bool>? isReachable = null)
    {
        ulong salt = StableHash.Mix(StableHash.Of(subject) ^ (ulong)view.Version), own = StableHash.Mix(salt ^ StableHash.Of(self));
        int rank = 0;
        foreach (var member in view.Members)
        {
            if (member.Status != MemberStatus.Up || member.Incarnation == subject || member.Incarnation == self) continue;
            if (isReachable?.Invoke(member.Incarnation) == false) continue;
            ulong other = StableHash.Mix(salt ^ StableHash.Of(member.Incarnation));
            if (other < own || (other == own && member.Incarnation.CompareTo(self) < 0)) rank++;
        }
        return rank;
    }

    /// <summary>How many others that have something of their own to propose, as far as the view tells, go before this one: those that give up shards, join, or leave.
    /// Whoever has lost a proposal leaves them their turn, lest all lose again but one.</summary>
    public static int RankOfOwn(ClusterView view, Guid self)
    {
        var contenders = view.Members.Where(member => member.Status != MemberStatus.Up).Select(member => member.Incarnation).ToHashSet();
        for (int i = 0; i < view.Shards.Length; i++)
        {
            if (view.IsToBeReleased(new ShardId(i))) contenders.Add(view.Shards[i].Owner);
        }
        ulong salt = StableHash.Mix((ulong)view.Version), own = StableHash.Mix(salt ^ StableHash.Of(self));
        return contenders.Count(other => other != self && StableHash.Mix(salt ^ StableHash.Of(other)) < own);
    }

    /// <summary>What a node takes turns about with the others, both to read the leases and to propose. It is one for all that is pending, and the same at all
    /// nodes that have noticed the same: so one of them goes first, however many have died.</summary>
    /// <param name="view">The view.</param>
    /// <param name="isReachable">Whom the node reaches; itself is one of them.</param>
    public static Guid Subject(ClusterView view, Func<Guid, bool> isReachable)
    {
        if (!view.Revoked.IsEmpty) return view.Revoked[0].Incarnation;
        var subject = Guid.Empty;
        foreach (var member in view.Members)
        {
            bool isEarlier = subject == Guid.Empty || member.Incarnation.CompareTo(subject) < 0;
            if (isEarlier && !isReachable(member.Incarnation)) subject = member.Incarnation;
        }
        return subject;
    }

    /// <summary>Whether the lease rows have to be read for a judgement: an address refuses, somebody has been out of reach or has not renewed for some time, a
    /// revoked lease is not settled, or another holds the node's own endpoint.</summary>
    public static bool WantsLeases(ClusterView view, Findings findings, MembershipLimits limits, TimeSpan now)
    {
        if (!view.Revoked.IsEmpty) return true;
        foreach (var member in view.Members)
        {
            if (member.Incarnation == findings.Self.Incarnation) continue;
            if (member.Endpoint == findings.Self.Endpoint) return true;
            if (findings.Peers.TryGetValue(member.Incarnation, out var peer) && IsSuspicious(peer, limits, now)) return true;
        }
        return false;
    }

    /// <summary>How long until the next lease has been waited out, if it is not renewed meanwhile; null: there is none to wait for.</summary>
    public static TimeSpan? NextRunOut(Findings findings, MembershipLimits limits, TimeSpan now) => findings.Peers.Values
        .Select(peer => (peer.RevokedSince < peer.LeaseSince ? peer.RevokedSince : peer.LeaseSince) + limits.WaitOut).UntilNext(now);

    /// <summary>Whether a revoked lease is certainly trusted by nobody any more, so that its shards may be served.</summary>
    /// <param name="peer">What the node sees of its holder.</param>
    /// <param name="row">Its row, read after it was revoked; null if not known.</param>
    /// <param name="limits">Times and bounds.</param>
    /// <param name="now">The time by the clock of the finding.</param>
    public static bool HasEnded(PeerFinding peer, LeaseRow? row, MembershipLimits limits, TimeSpan now)
    {
        // It was renewed last before it was revoked, and that was before the node learned so.
        if (peer.RevokedSince is { } revokedSince && now - revokedSince >= limits.WaitOut) return true;
        if (row is null) return false;
        if (row.HasEnded) return true;
        // Once revoked, the number is the last: it counts from when the node first learned it, be it before the revocation.
        return row.IsRevoked && row.Number == peer.LeaseNumber && now - peer.LeaseSince >= limits.WaitOut;
    }

    /// <summary>Why the node can never join this grid as it is set up, and what to do; null: it can.</summary>
    public static string? FaultOfJoin(ClusterView view, Findings findings, MembershipLimits limits)
    {
        if ((findings.Self.Fault() ?? FaultOfLease(view, limits)) is { } fault) return fault;
        foreach (var (type, role) in findings.TypeRoles)
        {
            if (view.TypeRoles.TryGetValue(type, out string? known) && known != role)
            {
                return $"The entity type '{type}' has the role '{known}' in the grid {view.Grid}, and '{role}' here. Its entities are kept in the shards of "
                    + "that role, so it cannot change: register the type with the role that it has, or under another name.";
            }
        }
        int types = view.TypeRoles.Count + findings.TypeRoles.Keys.Count(type => !view.TypeRoles.ContainsKey(type));
        if (types > ClusterView.EntityTypesMax) return $"With its entity types the grid {view.Grid} would have {types}; at most {ClusterView.EntityTypesMax} are allowed.";
        int spaces = view.Spaces.Length + findings.TypeRoles.Values.Distinct(StringComparer.Ordinal).Count(role => view.Spaces.All(space => space.Role != role));
        return spaces == 1 || (long)spaces * view.Grid.ShardCount <= ClusterView.ShardsMax ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"With {spaces} roles of entity types (none counts as one) the grid {view.Grid} would have {(long)spaces * view.Grid.ShardCount} shards; at most {ClusterView.ShardsMax} are allowed. Use fewer roles, or a grid with fewer shards.");
    }

    /// <summary>Why a node, be it a client, does not fit into this grid by what it means by a lease; null: it does.</summary>
    public static string? FaultOfLease(ClusterView view, MembershipLimits limits)
    {
        if (view.Lease is not { } lease || lease == limits.Lease || (view.Members.IsEmpty && view.Revoked.IsEmpty)) return null;
        return $"Leases last {lease} in the grid {view.Grid.Name}, and {limits.Lease} here. Whoever takes over from a node waits as long as that node may trust its lease, "
            + $"so this must be the same everywhere: set {nameof(ClusterOptions.LeaseDuration)} and {nameof(ClusterOptions.LeaseDrift)} to the values of the grid. "
            + "To change them, let all nodes leave first.";
    }

    /// <summary>Whether the incarnation has come to its end without having been seen as a member.</summary>
    private static bool IsOver(ClusterView view, Findings findings)
    {
        var self = findings.Self.Incarnation;
        return (findings.Leases.TryGetValue(self, out var row) && (row.IsRevoked || row.HasEnded))
            || view.Revoked.Any(revoked => revoked.Incarnation == self)
            || view.Departures.Any(departure => departure.Incarnation == self);
    }

    private static bool IsSuspicious(PeerFinding peer, MembershipLimits limits, TimeSpan now) =>
        peer.IsRefused || now - peer.LeaseSince >= limits.StalledAfter || (!peer.IsReachable && now - peer.Since >= limits.SilentAfter);
}
