using ActorGrid.Persistence;

namespace ActorGrid.Cluster.Tests;

public sealed class ParkedShardTests
{
    private static readonly Random Random = new(1);
    private static readonly TimeSpan At = TimeSpan.FromSeconds(1);

    private static ParkedShard Probing()
    {
        var shard = new ParkedShard(new ShardId(3));
        shard.Begin(Guid.NewGuid(), TimeSpan.Zero);
        shard.Refused(TimeSpan.Zero, Random);
        shard.Probed(At);
        return shard;
    }

    [Fact]
    public void All_follow_a_probe_that_the_owner_has_served()
    {
        var shard = Probing();
        Assert.True(shard.Answered(isFull: false));
        Assert.Equal(int.MaxValue, shard.NextGroup);
        Assert.Equal(0, shard.Failures);
    }

    [Fact]
    public void An_owner_that_answers_a_probe_that_it_is_full_is_not_sent_all_at_once()
    {
        var shard = Probing();
        Assert.True(shard.Answered(isFull: true));
        Assert.Equal(2, shard.NextGroup);
        Assert.Equal(1, shard.Failures);
    }
}
