using System.Collections.Immutable;
using ActorGrid.Persistence;

namespace ActorGrid.Cluster;

/// <summary>
/// Decides once, for a made-up grid, what a node decides when others have died. The code of that runs for the first time when callers wait for it, and is compiled then: on a busy host of two
/// cores that took 40 ms. So it is run once before; it is pure, and nothing becomes of what it decides.
/// </summary>
internal static class DeathRehearsal
{
    private static readonly GridIdentity Grid = new("rehearsal", ShardCount: 8);
    private static readonly GuardedAllocation Allocation = new(new WeightedRendezvous(), static _ => { });
    private static int _wasRun;

    /// <summary>Rehearses, unless this process has done so: what is compiled is compiled for all of its nodes.</summary>
    public static void RunOnce(NodeParts parts)
    {
        if (Interlocked.Exchange(ref _wasRun, 1) == 0) Run(parts);
    }

    /// <summary>Rehearses.</summary>
    /// <returns>The view after the deaths, for the test.</returns>
    public static ClusterView Run(NodeParts parts)
    {
        var limits = parts.Options.Limits;
        var typeRoles = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal).Add("rehearsal", "");
        Member[] members = [MemberOf(1), MemberOf(2), MemberOf(3)];
        var view = ViewOf(members, typeRoles, limits);
        var standing = new Standing(members[0].Incarnation, view, new LeaseTrust(parts.System.Time, parts.Setting.BootClock, limits.LeaseDuration));
        var life = new Life(parts, standing, members[0], typeRoles);
        life.Follow(view);
        See(life, members, areAlive: true, arePresent: true, parts.System.Time);
        Decide(life, limits);
        // The address refuses before the store has noticed.
        See(life, members, areAlive: false, arePresent: true, parts.System.Time);
        Decide(life, limits);
        See(life, members, areAlive: false, arePresent: false, parts.System.Time);
        if (Decide(life, limits) is not { } proposal) return view;
        _ = proposal.ToString();
        var next = ViewCodec.Decode(ViewCodec.EncodeDelta(view, proposal.Next), Grid, view);
        next = ViewCodec.Decode(ViewCodec.Encode(next), Grid);
        standing.View = next;
        life.Follow(next);
        Decide(life, limits);
        return next;
    }

    private static ClusterView ViewOf(Member[] members, ImmutableSortedDictionary<string, string> typeRoles, MembershipLimits limits)
    {
        var empty = ClusterView.Empty(Grid);
        var view = Transitions.Agree(empty, limits.Lease);
        foreach (var member in members) view = Transitions.Up(Transitions.Join(view, member, typeRoles), member.Incarnation);
        return Transitions.Seal(empty, Transitions.Assign(view, AllocationPlan.Fresh(view, Allocation).Assignments));
    }

    private static Member MemberOf(byte number) => new()
    {
        Incarnation = new Guid(number, 0, 0, new byte[8]),
        Name = $"rehearsal-{number}",
        Endpoint = $"rehearsal:{number}",
        Status = MemberStatus.Joining,
    };

    /// <summary>What the first of the members sees of the others, and what the store does.</summary>
    private static void See(Life life, Member[] members, bool areAlive, bool arePresent, TimeProvider time)
    {
        life.See([.. members.Skip(1).Select(member => new PeerSight(member.Incarnation, areAlive, time.GetTimestamp(), IsRefused: !areAlive))]);
        life.SeeRows([.. members.Select(member => new LeaseRow(member.Incarnation, 1, [], IsRevoked: false, HasEnded: false, IsPresent: arePresent || member == members[0]))], life.Now);
    }

    /// <summary>What the node goes through whenever something has changed.</summary>
    private static Proposal? Decide(Life life, MembershipLimits limits)
    {
        _ = life.Suspect();
        _ = life.NewlyEnded(limits);
        _ = life.NextMoves;
        _ = life.ReadWait(limits);
        _ = life.AwaitsWitness(limits);
        var findings = life.Findings(wantsToLeave: false);
        _ = Planner.WantsLeases(life.Standing.View, findings, limits, life.Now);
        _ = Planner.NextRunOut(findings, limits, life.Now);
        return Planner.Plan(life.Standing.View, findings, Allocation, limits, life.Now);
    }
}
