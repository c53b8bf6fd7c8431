using System.Runtime.CompilerServices;
using ActorGrid.Cluster;

namespace ActorGrid.Testing;

/// <summary>Whether a grid is whole: all nodes run and are up, and each shard has an owner and stays there.</summary>
internal static class Wholeness
{
    private static readonly WeightedRendezvous Allocation = new();

    /// <summary>One view is looked at again and again while time passes.</summary>
    private static readonly ConditionalWeakTable<ClusterView, StrongBox<int>> LateMoves = [];

    /// <summary>What is missing, in words; null if nothing is.</summary>
    public static string? WhyNot(SimulatedGrid grid)
    {
        long newest = 0;
        foreach (var node in grid.Nodes)
        {
            if (node.View is not { } view) return $"{node.Name} does not run";
            if (node.IsLeaving) return $"{node.Name} leaves";
            if (view.Members.Length != grid.Nodes.Count) return $"{node.Name} sees {view.Members.Length} members";
            foreach (var member in view.Members)
            {
                if (member.Status != MemberStatus.Up) return $"{node.Name} sees {member.Name} {member.Status}";
            }
            if (newest != 0 && view.Version != newest) return $"{node.Name} has view {view.Version}, another {newest}";
            newest = view.Version;
        }
        foreach (var client in grid.Clients)
        {
            if (client.Current is null) return $"{client.Name} does not run";
        }
        var agreed = grid.Nodes[0].View!;
        var shards = agreed.Shards;
        for (int i = 0; i < shards.Length; i++)
        {
            if (shards[i].Owner == Guid.Empty) return $"shard {i} has no owner";
            if (shards[i].IsMoving) return $"shard {i} moves";
        }
        // Of a member that is new.
        int late = LateMoves.GetValue(agreed, static view => new StrongBox<int>(AllocationPlan.Fresh(view, Allocation).Moves.Length)).Value;
        return late == 0 ? null : $"{late} shards are to move later";
    }
}
