using System.Collections.Immutable;
using ActorGrid.Persistence;

namespace ActorGrid.Cluster;

/// <summary>What a strategy would change in a view, within the rules that hold for every strategy.</summary>
/// <remarks>
/// While members Up of a role run different versions of the application, a rolling upgrade is under way: what has no owner or has to leave its owner goes to members of
/// the newest version, and beside that shards move only from older ones to the newest. So each moves once.
/// </remarks>
/// <param name="Assignments">Owners for the shards that have none.</param>
/// <param name="Moves">Shards that should have another owner, the most urgent first: from members that leave, then the rest.</param>
internal sealed record AllocationPlan(ImmutableArray<Placement> Assignments, ImmutableArray<Placement> Moves)
{
    /// <summary>The plan for a change of a view that is about to be proposed; kept with the view. A node that waits for its turn to propose asks for the same again
    /// and again.</summary>
    /// <param name="view">The view.</param>
    /// <param name="changed">The view but for its members, and what follows from who they are.</param>
    /// <param name="strategy">Which member should own which shard.</param>
    public static AllocationPlan Of(ClusterView view, ClusterView changed, IAllocationStrategy strategy)
    {
        if (view.Allocation is { } known && known.Item1 == strategy && (known.Item2 == changed.Members || known.Item2.SequenceEqual(changed.Members))) return known.Item3;
        var plan = Fresh(changed, strategy);
        view.Allocation = Tuple.Create(strategy, changed.Members, plan);
        return plan;
    }

    /// <summary>The plan for a view, for onlookers: it is not kept, and does not displace the one that is kept with the view.</summary>
    public static AllocationPlan Fresh(ClusterView view, IAllocationStrategy strategy)
    {
        List<Placement> assignments = [], leaving = [], others = [];
        foreach (var space in view.Spaces)
        {
            var up = view.Members.Where(member => member.CanOwn(space.Role)).ToArray();
            if (up.Length == 0) continue;
            int version = up.Max(member => member.Version);
            var newest = Array.FindAll(up, member => member.Version == version);
            var targets = Targets(view, space, strategy, up);
            var homeless = newest.Length == up.Length ? targets : Targets(view, space, strategy, newest);
            for (int i = 0; i < view.Grid.ShardCount; i++)
            {
                var shard = new ShardId(space.First + i);
                var now = view[shard];
                if (now.Owner == Guid.Empty) assignments.Add(new Placement(shard, homeless[i].Incarnation));
                else if (now.IsMoving) continue;
                else if (view.Find(now.Owner) is not { Status: MemberStatus.Up } owner) leaving.Add(new Placement(shard, homeless[i].Incarnation));
                else if (targets[i].Incarnation != owner.Incarnation && (newest.Length == up.Length || IsUpgrade(owner, targets[i], version)))
                {
                    others.Add(new Placement(shard, targets[i].Incarnation));
                }
            }
        }
        return new AllocationPlan([.. assignments], [.. leaving, .. others]);
    }

    private static bool IsUpgrade(Member from, Member to, int newest) => from.Version < newest && to.Version == newest;

    private static Member[] Targets(ClusterView view, ShardSpace space, IAllocationStrategy strategy, Member[] candidates)
    {
        int count = view.Grid.ShardCount;
        var index = new Dictionary<Guid, int>(candidates.Length);
        for (int i = 0; i < candidates.Length; i++) index.Add(candidates[i].Incarnation, i);
        int[] owners = new int[count], targets = new int[count];
        for (int i = 0; i < count; i++)
        {
            var (owner, _, next) = view.Shards[space.First + i];
            owners[i] = index.TryGetValue(next == Guid.Empty ? owner : next, out int at) ? at : -1;
        }
        Array.Fill(targets, -1);
        strategy.Allocate(candidates, new ShardId(space.First), owners, targets);
        return Array.ConvertAll(targets, target => target >= 0 && target < candidates.Length
            ? candidates[target]
            : throw new InvalidOperationException($"The allocation strategy {strategy.GetType().Name} chose the member {target} of {candidates.Length}."));
    }
}
