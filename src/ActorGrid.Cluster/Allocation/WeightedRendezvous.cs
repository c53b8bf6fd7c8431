using ActorGrid.Actors;
using ActorGrid.Persistence;

namespace ActorGrid.Cluster;

/// <summary>
/// Weighted rendezvous hashing, the default: each member bids for each shard with a hash of both, and the highest bid has it. A member that comes or goes moves
/// only the shards that it wins or held; each has its share by weight, give or take chance.
/// </summary>
/// <remarks>A member bids by its endpoint, so that a node that starts anew on the same one gets the same shards.</remarks>
public sealed class WeightedRendezvous : IAllocationStrategy
{
    /// <inheritdoc/>
    public void Allocate(ReadOnlySpan<Member> candidates, ShardId first, ReadOnlySpan<int> owners, Span<int> targets)
    {
        var groups = GroupByWeight(candidates);
        for (int i = 0; i < targets.Length; i++)
        {
            ulong shard = StableHash.Mix((ulong)(first.Value + i));
            var best = groups[0].Highest(shard);
            for (int g = 1; g < groups.Length; g++)
            {
                var other = groups[g].Highest(shard);
                if (other.Score > best.Score) best = other;
            }
            targets[i] = best.Index;
        }
    }

    /// <summary>Within one weight the highest hash is the highest bid, so that the logarithm is taken once for each weight, not for each member.</summary>
    private static Bidders[] GroupByWeight(ReadOnlySpan<Member> candidates)
    {
        var groups = new SortedDictionary<int, (List<int> Indexes, List<ulong> Seeds)>();
        for (int i = 0; i < candidates.Length; i++)
        {
            if (!groups.TryGetValue(candidates[i].Weight, out var group)) groups.Add(candidates[i].Weight, group = ([], []));
            group.Indexes.Add(i);
            group.Seeds.Add(StableHash.Of(candidates[i].Endpoint));
        }
        return [.. groups.Select(group => new Bidders(group.Key, [.. group.Value.Indexes], [.. group.Value.Seeds], groups.Count > 1))];
    }

    private sealed record Bidders(int Weight, int[] Indexes, ulong[] Seeds, bool HasRivals)
    {
        public (int Index, double Score) Highest(ulong shard)
        {
            (int at, ulong highest) = (0, 0);
            for (int i = 0; i < Seeds.Length; i++)
            {
                ulong bid = StableHash.Mix(Seeds[i] ^ shard);
                if (bid > highest) (at, highest) = (i, bid);
            }
            return (Indexes[at], HasRivals ? Score(highest) : 0);
        }

        /// <summary>A hash as a number between 0 and 1, taken to the power of 1/weight: the logarithm of that, which is in the same order.</summary>
        private double Score(ulong hash) => Math.Log(((hash >> 11) + 0.5) / (1ul << 53)) / Weight;
    }
}
