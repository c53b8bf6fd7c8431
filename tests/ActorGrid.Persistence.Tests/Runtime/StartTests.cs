using System.Collections.Immutable;

namespace ActorGrid.Persistence.Tests;

/// <summary>A node without a cluster takes over all shards when it starts.</summary>
public sealed class StartTests
{
    [Fact]
    public void However_often_a_node_ran_alone_the_next_cluster_finds_its_own_terms_later()
    {
        var rig = LedgerRig.New(new EntityOptions<ImmutableArray<int>>());
        rig.Restart();
        rig.Restart();
        Assert.All(Epochs(rig), static epoch => Assert.Equal(new Epoch(0, 3), epoch));

        // A cluster counts its terms from 1; it does not know what there was before.
        var cluster = new Fence(new Epoch(1, 0), new Guid(1, 2, 3, new byte[8]));
        rig.Run(() => rig.Journal.RaiseFencesAsync([.. Enumerable.Range(0, rig.Grid.ShardCount).Select(shard => new FenceRaise(new ShardId(shard), cluster))], default));
        Assert.All(Epochs(rig), static epoch => Assert.Equal(new Epoch(1, 0), epoch));
        rig.Restart();
        rig.Result(rig.Add(1));
        Assert.All(Epochs(rig), static epoch => Assert.Equal(new Epoch(1, 1), epoch));
    }

    private static IEnumerable<Epoch> Epochs(Rig rig)
    {
        IReadOnlyList<(ShardId Shard, Fence Fence)> fences = [];
        rig.Run(async () => fences = await rig.Journal.ReadFencesAsync(default));
        Assert.Equal(rig.Grid.ShardCount, fences.Count);
        return fences.Select(static known => known.Fence.Epoch);
    }
}
