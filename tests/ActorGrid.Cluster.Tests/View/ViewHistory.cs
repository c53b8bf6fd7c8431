using ActorGrid.Persistence;

namespace ActorGrid.Cluster.Tests;

/// <summary>Views that follow each other by all kinds of transitions, drawn by chance.</summary>
internal static class ViewHistory
{
    private static readonly string[] Roles = ["", "blue", "gräulich", "red"];

    public static List<ClusterView> Draw(int seed, int steps)
    {
        var random = new Random(seed);
        List<ClusterView> views = [ClusterView.Empty(new GridIdentity("history", random.Next(1, 20)))];
        for (int step = 1; step <= steps; step++)
        {
            var before = views[^1];
            var after = Change(before, random, step);
            if (!ReferenceEquals(after, before)) views.Add(Transitions.Seal(before, after));
        }
        return views;
    }

    private static ClusterView Change(ClusterView view, Random random, int step)
    {
        var member = view.Members.IsEmpty ? null : view.Members[random.Next(view.Members.Length)];
        return random.Next(8) switch
        {
            0 or 1 => Join(view, random, step),
            2 when member is { Status: MemberStatus.Joining } => Transitions.Up(view, member.Incarnation),
            3 when member is { Status: MemberStatus.Up } => Transitions.Leave(view, member.Incarnation),
            3 when member is { Status: MemberStatus.Leaving } => Go(view, member.Incarnation),
            4 when member is not null => Transitions.Die(
                view, [new Death(member.Incarnation, (DepartureCause)random.Next(1, 4), random.Next(100))]),
            5 when !view.Revoked.IsEmpty => Transitions.Settle(view, [view.Revoked[random.Next(view.Revoked.Length)].Incarnation]),
            6 or 7 => Allocate(view),
            _ => view,
        };
    }

    private static ClusterView Join(ClusterView view, Random random, int step)
    {
        Span<byte> bytes = stackalloc byte[16];
        random.NextBytes(bytes);
        string endpoint = $"host-{step % 9}:é";
        if (view.Members.Any(member => member.Endpoint == endpoint)) return view;
        var joiner = new Member
        {
            Incarnation = new Guid(bytes),
            Name = $"node {step % 9}",
            Endpoint = endpoint,
            Host = random.Next(2) == 0 ? $"höst {step % 9}" : null,
            Roles = [.. Roles.Skip(1).Where(_ => random.Next(2) == 0)],
            Weight = random.Next(1, Member.WeightMax + 1),
            Version = random.Next(3),
            Status = MemberStatus.Up,
        };
        int type = random.Next(Roles.Length);
        if (view.Members.IsEmpty && view.Revoked.IsEmpty) view = Transitions.Agree(view, new LeaseTerms(TimeSpan.FromTicks(random.Next(1, 1000)), TimeSpan.FromTicks(random.Next(9))));
        return Transitions.Join(view, joiner, view.TypeRoles.Clear().Add($"type-{type}", Roles[type]));
    }

    private static ClusterView Go(ClusterView view, Guid incarnation)
    {
        var owned = Enumerable.Range(0, view.Shards.Length).Select(i => new ShardId(i)).Where(shard => view[shard].Owner == incarnation);
        var released = Transitions.Release(view, incarnation, [.. owned.Where(view.IsToBeReleased)]);
        return released.Shards.Any(shard => shard.Owner == incarnation) ? released : Transitions.Remove(released, incarnation);
    }

    private static ClusterView Allocate(ClusterView view)
    {
        var plan = AllocationPlan.Fresh(view, new WeightedRendezvous());
        var changed = Transitions.Move(Transitions.Assign(view, plan.Assignments), plan.Moves);
        return ReferenceEquals(changed, view) ? Release(view) : changed;
    }

    private static ClusterView Release(ClusterView view)
    {
        int moving = view.Shards.ToList().FindIndex(shard => shard.IsMoving);
        return moving < 0 ? view : Transitions.Release(view, view.Shards[moving].Owner, [new ShardId(moving)]);
    }
}
