using ActorGrid.Testing;

namespace ActorGrid.Persistence.Tests;

/// <summary>Whose word counts of how far a shard has come: it may open again before its former actor has come to say that it left.</summary>
public sealed class ShardFeedTests
{
    private readonly ShardFeed _feed;

    public ShardFeedTests()
    {
        var system = new ManualSystem();
        _feed = new ShardFeed("numbers", system.Spawn(static () => new HandlerCanceller()));
    }

    [Fact]
    public void Who_has_served_the_shard_before_says_nothing_of_it_any_more()
    {
        object former = new(), present = new();
        _feed.Open(former, new Epoch(1, 0), 3);
        _feed.Commit(former, 4);
        Assert.Equal(4, _feed.Last);
        _feed.Open(present, new Epoch(1, 1), 7);
        _feed.Commit(former, 5);
        Assert.Equal(7, _feed.Last);
        _feed.Leave(former);
        _feed.Commit(present, 8);
        Assert.Equal(8, _feed.Last);
        _feed.Leave(present);
        _feed.Commit(present, 9);
        Assert.Equal(8, _feed.Last);
    }
}
