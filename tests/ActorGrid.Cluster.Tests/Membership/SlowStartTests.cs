using ActorGrid.Persistence;
using static ActorGrid.Cluster.Tests.GridModel;

namespace ActorGrid.Cluster.Tests;

public sealed class SlowStartTests
{
    private static readonly TimeSpan Lasts = TimeSpan.FromSeconds(1);

    private readonly SlowStart _start = new(Lasts);

    [Fact]
    public void A_member_is_a_beginner_until_it_has_owned_a_shard_for_a_while()
    {
        var view = UpGrid(2);
        _start.Follow(view, Seconds(0));
        Assert.Empty(_start.Beginners(Seconds(0)));

        view = Transitions.Up(Transitions.Join(view, Node(3), UpGrid(2).TypeRoles), Id(3));
        _start.Follow(view, Seconds(5));
        Assert.Equal([Id(3)], _start.Beginners(Seconds(100)));
        // It has nothing to begin with.
        Assert.Null(_start.Ends.UntilNext(Seconds(100)));

        view = Give(view, Id(3));
        _start.Follow(view, Seconds(100));
        _start.Follow(view, Seconds(100.5));
        Assert.Equal([Id(3)], _start.Beginners(Seconds(100.9)));
        Assert.Equal(0.1, _start.Ends.UntilNext(Seconds(100.9))!.Value.TotalSeconds, 6);
        Assert.Empty(_start.Beginners(Seconds(101)));
        Assert.Null(_start.Ends.UntilNext(Seconds(101)));
    }

    [Fact]
    public void Who_is_met_with_one_shard_may_have_begun_just_now()
    {
        var view = Give(Transitions.Up(Transitions.Join(UpGrid(2), Node(3), UpGrid(2).TypeRoles), Id(3)), Id(3));
        _start.Follow(view, Seconds(7));
        Assert.Equal([Id(3)], _start.Beginners(Seconds(7)));
        Assert.Empty(_start.Beginners(Seconds(8)));
    }

    [Fact]
    public void Who_has_gone_is_forgotten()
    {
        var view = Give(Transitions.Up(Transitions.Join(UpGrid(2), Node(3), UpGrid(2).TypeRoles), Id(3)), Id(3));
        _start.Follow(view, Seconds(0));
        _start.Follow(Transitions.Die(view, [new Death(Id(3), DepartureCause.Gone, 1)]), Seconds(0.5));
        Assert.Empty(_start.Beginners(Seconds(0.5)));
        Assert.Null(_start.Ends.UntilNext(Seconds(0.5)));
    }

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    private static ClusterView Give(ClusterView view, Guid member) =>
        Transitions.Release(Transitions.Move(view, [new Placement(new ShardId(0), member)]), view.Shards[0].Owner, [new ShardId(0)]);
}
