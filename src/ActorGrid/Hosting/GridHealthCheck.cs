using ActorGrid.Cluster;
using ActorGrid.Persistence;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ActorGrid;

/// <summary>Whether the node can serve what it owns and read its store.</summary>
internal sealed class GridHealthCheck(GridService grid) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (grid.GivenUp is { } why) return Unhealthy($"The node has given up: {why.Message}", why);
        if (grid.Node is not { } node) return Unhealthy("The grid is not running.");
        if (node.LostShards is > 0 and var lost) return Unhealthy(FormattableString.Invariant($"{lost} shards have stopped; see the log for why."));
        try
        {
            return node.Cluster is { } cluster ? Judge(cluster, await ((ISharedStore)node.Store).Cluster.ReadViewAsync(cancellationToken))
                : HealthCheckResult.Healthy(FormattableString.Invariant($"{(await node.Store.Journal.ReadFencesAsync(cancellationToken)).Count} shards are served."));
        }
        catch (StoreException e)
        {
            return Unhealthy($"The store cannot be read: {e.Message}", e);
        }

        HealthCheckResult Unhealthy(string description, Exception? cause = null) => new(context.Registration.FailureStatus, description, cause);
    }

    private static HealthCheckResult Judge(ClusterNode node, ClusterView stored)
    {
        var incarnation = node.Incarnation;
        if (incarnation == Guid.Empty) return HealthCheckResult.Degraded("The node is between two incarnations: it joins again by itself, and asks wait.");
        if (node.IsClient) return HealthCheckResult.Healthy(FormattableString.Invariant($"A client of {stored.Members.Length} nodes."));
        return stored.Find(incarnation) is { Status: MemberStatus.Up }
            ? HealthCheckResult.Healthy(FormattableString.Invariant($"One of {stored.Members.Length} nodes, at view {stored.Version}."))
            : HealthCheckResult.Degraded("The node is no member that is up: it joins again by itself, and asks wait.");
    }
}
