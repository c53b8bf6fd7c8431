using ActorGrid.Actors;
using ActorGrid.Persistence;
using ActorGrid.Testing;

namespace ActorGrid.Cluster.Tests;

public sealed class DeathRehearsalTests
{
    [Fact]
    public void It_buries_the_dead_and_gives_all_shards_to_the_one_that_is_left()
    {
        var clock = new ManualClock();
        var dispatcher = new ManualDispatcher();
        var after = DeathRehearsal.Run(new NodeParts(new ClusterSetting
        {
            System = new ActorSystem(new ActorSystemOptions { Dispatcher = dispatcher, TimeProvider = clock, Seed = 1 }),
            Grid = new GridIdentity("test", 4),
            Store = new InMemoryStore(),
            ClusterStore = new InMemoryClusterStore(new GridIdentity("test", 4)).Connect(),
            Transport = new InMemoryNetwork().Connect("a", dispatcher),
            BootClock = new TestBootClock(clock),
            Types = [],
        }));

        var survivor = Assert.Single(after.Members);
        Assert.All(after.Shards, shard => Assert.Equal(survivor.Incarnation, shard.Owner));
        Assert.NotEmpty(after.Shards);
    }
}
