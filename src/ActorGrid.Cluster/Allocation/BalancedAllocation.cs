using ActorGrid.Actors;
using ActorGrid.Persistence;

namespace ActorGrid.Cluster;

/// <summary>
/// Gives each member its exact share by weight: a shard stays with its owner while that one has no more than its share, and what is left goes to members with
/// less than theirs, in the order that the strategy chooses.
/// </summary>
/// <remarks>Few shards move when members come and go, but where a shard ends hangs on where all were before.</remarks>
public abstract class BalancedAllocation : IAllocationStrategy
{
    private protected BalancedAllocation()
    {
    }

    /// <inheritdoc/>
    public void Allocate(ReadOnlySpan<Member> candidates, ShardId first, ReadOnlySpan<int> owners, Span<int> targets)
    {
        int[] room = Shares(candidates, owners);
        for (int i = 0; i < targets.Length; i++)
        {
            targets[i] = owners[i] >= 0 && room[owners[i]] > 0 ? owners[i] : -1;
            if (targets[i] >= 0) room[targets[i]]--;
        }
        var choice = Begin(candidates, room);
        for (int i = 0; i < targets.Length; i++)
        {
            if (targets[i] >= 0) continue;
            targets[i] = choice(first.Value + i);
            room[targets[i]]--;
        }
    }

    /// <summary>Begins to hand shards out.</summary>
    /// <param name="candidates">The members.</param>
    /// <param name="room">How many shards each may still get; the caller counts down what it gave.</param>
    /// <returns>Chooses the index of a member with room for the shard of that number.</returns>
    private protected abstract Func<int, int> Begin(ReadOnlySpan<Member> candidates, int[] room);

    /// <summary>The number of shards that each is to have: its share rounded down, and one of those left over for some. They go first to members that hold more
    /// than their share now, so that nothing moves to and fro.</summary>
    private static int[] Shares(ReadOnlySpan<Member> candidates, ReadOnlySpan<int> owners)
    {
        long weights = 0;
        foreach (var candidate in candidates) weights += candidate.Weight;
        int[] shares = new int[candidates.Length], held = new int[candidates.Length];
        foreach (int owner in owners)
        {
            if (owner >= 0) held[owner]++;
        }
        int left = owners.Length;
        for (int i = 0; i < shares.Length; i++) left -= shares[i] = (int)(owners.Length * (long)candidates[i].Weight / weights);
        foreach (bool holdsMore in (ReadOnlySpan<bool>)[true, false])
        {
            for (int i = 0; i < shares.Length && left > 0; i++)
            {
                bool isOwed = owners.Length * (long)candidates[i].Weight % weights != 0;
                if (!isOwed || held[i] > (int)(owners.Length * (long)candidates[i].Weight / weights) != holdsMore) continue;
                shares[i]++;
                left--;
            }
        }
        return shares;
    }
}

/// <summary>Shards go to the member that has the most room left beside its share: new members fill first.</summary>
public sealed class LeastLoaded : BalancedAllocation
{
    private protected override Func<int, int> Begin(ReadOnlySpan<Member> candidates, int[] room)
    {
        int[] weights = [.. candidates.ToArray().Select(candidate => candidate.Weight)];
        var queue = new PriorityQueue<int, (double, int)>();
        for (int i = 0; i < room.Length; i++) Enqueue(i, room[i]);
        return _ =>
        {
            int index = queue.Dequeue();
            Enqueue(index, room[index] - 1);
            return index;
        };

        void Enqueue(int index, int left)
        {
            if (left > 0) queue.Enqueue(index, (-(double)left / weights[index], index));
        }
    }
}

/// <summary>Shards go to the members in turn, the oldest first.</summary>
public sealed class RoundRobin : BalancedAllocation
{
    private protected override Func<int, int> Begin(ReadOnlySpan<Member> candidates, int[] room)
    {
        int last = -1;
        return _ =>
        {
            do last = (last + 1) % room.Length;
            while (room[last] == 0);
            return last;
        };
    }
}

/// <summary>Shards go to members drawn by chance, which is the same chance at every node: a stable hash of the shard and a seed.</summary>
/// <param name="seed">Chooses among all ways to draw; the same at all nodes. Default 0.</param>
public sealed class RandomAllocation(ulong seed = 0) : BalancedAllocation
{
    private protected override Func<int, int> Begin(ReadOnlySpan<Member> candidates, int[] room) => shard =>
    {
        ulong hash = StableHash.Mix(seed ^ StableHash.Mix((ulong)shard));
        int index = (int)(hash % (ulong)room.Length);
        while (room[index] == 0) index = (index + 1) % room.Length;
        return index;
    };
}
