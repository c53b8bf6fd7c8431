using ActorGrid.Persistence;

namespace ActorGrid.Cluster;

/// <summary>Decides which member should own which shard. It is pure: every node comes to the same answer from the same view.</summary>
/// <remarks>
/// The rules that hold for every strategy (who may own at all, steps of a rolling upgrade, how many shards move at a time) are kept by its caller.
/// Whatever it would change while nothing else changes moves a shard for nothing: given its own answer as the owners, it must give that answer again.
/// Safe to use from any thread.
/// </remarks>
public interface IAllocationStrategy
{
    /// <summary>Chooses an owner for each shard of one space.</summary>
    /// <param name="candidates">The members that may own them, the oldest first; at least one.</param>
    /// <param name="first">The first of the shards; the others follow by number.</param>
    /// <param name="owners">For each shard the index in <paramref name="candidates"/> of the one that owns it, or will once it has moved; -1: none of them.</param>
    /// <param name="targets">For each shard, on return, the index in <paramref name="candidates"/> of the one that should own it.</param>
    void Allocate(ReadOnlySpan<Member> candidates, ShardId first, ReadOnlySpan<int> owners, Span<int> targets);
}
