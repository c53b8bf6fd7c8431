using System.Collections.Immutable;
using ActorGrid.Persistence;

namespace ActorGrid.Cluster.Tests;

/// <summary>What the tests of the pure core share: names for members, and findings of a node that sees everything in order.</summary>
internal static class GridModel
{
    public static readonly GridIdentity Grid = new("test", 64);
    public static readonly MembershipLimits Limits = new();
    public static readonly IAllocationStrategy Strategy = new WeightedRendezvous();

    /// <summary>Long after everything began.</summary>
    public static readonly TimeSpan Now = TimeSpan.FromMinutes(10);

    public static readonly TimeSpan LongAgo = TimeSpan.FromMinutes(1);

    public static Guid Id(int n, int life = 0) => new(n, (short)life, 0, [1, 2, 3, 4, 5, 6, 7, 8]);

    public static Member Node(int n, int life = 0) => new()
    {
        Incarnation = Id(n, life),
        Name = $"node-{n}",
        Endpoint = $"host:{n}",
        Host = $"machine-{n}",
        Status = MemberStatus.Joining,
    };

    /// <summary>A grid in which the members are Up, own all shards, and nothing is pending.</summary>
    public static ClusterView UpGrid(params Member[] members)
    {
        var view = ClusterView.Empty(Grid);
        foreach (var member in members) view = Planner.Plan(view, Calm(view, member), Strategy, Limits, Now)!.Next;
        return Finish(view);
    }

    public static ClusterView UpGrid(int count) => UpGrid([.. Enumerable.Range(1, count).Select(n => Node(n))]);

    /// <summary>All owners release what they are to release until nothing is left to do.</summary>
    public static ClusterView Finish(ClusterView view, IAllocationStrategy? strategy = null)
    {
        for (int step = 0; step < 1000; step++)
        {
            var proposals = view.Members.Select(member => Planner.Plan(view, Drained(Calm(view, member), view), strategy ?? Strategy, Limits, Now));
            if (proposals.FirstOrDefault(proposal => proposal is not null) is not { } next) return view;
            view = next.Next;
        }
        throw new InvalidOperationException("The grid does not come to rest.");
    }

    /// <summary>A node that reaches everybody, and whose own lease and those of all others are in order.</summary>
    public static Findings Calm(ClusterView view, Member self) => new()
    {
        Self = self,
        HasJoined = view.Find(self.Incarnation) is not null,
        LeaseHeldSince = LongAgo,
        OwnsNothingSince = view.Shards.Any(shard => shard.Owner == self.Incarnation) ? null : LongAgo,
        Peers = view.Members.Where(member => member.Incarnation != self.Incarnation)
            .ToImmutableDictionary(member => member.Incarnation, _ => new PeerFinding(true, LongAgo, false, 7, Now - TimeSpan.FromMilliseconds(400))),
        Leases = view.Members.Select(member => member.Incarnation).Append(self.Incarnation).Distinct()
            .ToImmutableDictionary(id => id, id => new LeaseRow(id, 7, [], false, false, true)),
        LeasesReadAt = Now - TimeSpan.FromMilliseconds(10),
    };

    public static Findings Drained(Findings findings, ClusterView view) => findings with
    {
        Drained = [.. Enumerable.Range(0, view.Shards.Length).Select(i => new ShardId(i))
            .Where(shard => view[shard].Owner == findings.Self.Incarnation && view.IsToBeReleased(shard))
            .Select(shard => new DrainedShard(shard, view[shard].Term))],
    };

    public static Findings See(this Findings findings, Guid peer, Func<PeerFinding, PeerFinding> change) =>
        findings with { Peers = findings.Peers.ToImmutableDictionary().SetItem(peer, change(findings.Peers[peer])) };

    public static Findings Row(this Findings findings, Guid peer, Func<LeaseRow, LeaseRow> change) =>
        findings with { Leases = findings.Leases.ToImmutableDictionary().SetItem(peer, change(findings.Leases[peer])) };

    public static Proposal? Plan(ClusterView view, Findings findings) => Planner.Plan(view, findings, Strategy, Limits, Now);
}
