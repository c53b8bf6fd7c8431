using Xunit.Abstractions;

namespace ActorGrid.Cluster.Tests;

/// <summary>Whatever befalls a grid: never do two nodes answer for one shard, and it becomes whole again.</summary>
public sealed class GridWalkTests(ITestOutputHelper output)
{
    [Fact]
    public void At_most_one_node_answers_for_a_shard_and_the_grid_becomes_whole_again()
    {
        IAllocationStrategy[] strategies = [new WeightedRendezvous(), new LeastLoaded(), new RoundRobin(), new RandomAllocation()];
        var deaths = new SortedDictionary<DepartureCause, int>();
        for (int seed = 0; seed < 80; seed++)
        {
            var walk = new GridWalk(seed, strategies[seed % strategies.Length]);
            walk.Run(1500);
            foreach (var (cause, count) in walk.Deaths) deaths[cause] = deaths.GetValueOrDefault(cause) + count;
        }
        output.WriteLine(string.Join(", ", deaths));
        // The walks go where they are meant to.
        Assert.All(Enum.GetValues<DepartureCause>(), cause => Assert.True(deaths.GetValueOrDefault(cause) > 20, $"{cause}: {deaths.GetValueOrDefault(cause)}"));
    }
}
