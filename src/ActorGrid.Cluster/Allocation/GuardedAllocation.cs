using ActorGrid.Persistence;

namespace ActorGrid.Cluster;

/// <summary>Another strategy, for as long as it does its duty. Where it fails, shards stay with their owners, and those without one go where the default
/// strategy puts them: a fault that all nodes share, since they all ask the same, must not stop the grid.</summary>
/// <param name="strategy">The other strategy.</param>
/// <param name="onFailed">Is told of each failure.</param>
internal sealed class GuardedAllocation(IAllocationStrategy strategy, Action<Exception> onFailed) : IAllocationStrategy
{
    private static readonly WeightedRendezvous Default = new();

    public void Allocate(ReadOnlySpan<Member> candidates, ShardId first, ReadOnlySpan<int> owners, Span<int> targets)
    {
        try
        {
            strategy.Allocate(candidates, first, owners, targets);
            int wrong = targets.IndexOfAnyExceptInRange(0, candidates.Length - 1);
            if (wrong < 0) return;
            throw new InvalidOperationException(
                $"The allocation strategy {strategy.GetType().Name} chose for shard {first.Value + wrong} the member {targets[wrong]} of {candidates.Length}.");
        }
        catch (Exception e)
        {
            onFailed(e);
        }
        Default.Allocate(candidates, first, owners, targets);
        for (int i = 0; i < targets.Length; i++)
        {
            if (owners[i] >= 0) targets[i] = owners[i];
        }
    }
}
