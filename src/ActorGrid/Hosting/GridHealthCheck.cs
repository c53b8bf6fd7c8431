using ActorGrid.Persistence;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ActorGrid;

/// <summary>Whether the node can serve all its shards and read its store.</summary>
internal sealed class GridHealthCheck(GridService grid) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (grid.Node is not { } node) return new HealthCheckResult(context.Registration.FailureStatus, "The grid is not running.");
        if (node.LostShards is > 0 and var lost) return new HealthCheckResult(context.Registration.FailureStatus, FormattableString.Invariant($"{lost} shards have stopped; see the log for why."));
        try
        {
            var fences = await node.Store.Journal.ReadFencesAsync(cancellationToken);
            return HealthCheckResult.Healthy(FormattableString.Invariant($"{fences.Count} shards are served."));
        }
        catch (StoreException e)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, $"The store cannot be read: {e.Message}", e);
        }
    }
}
