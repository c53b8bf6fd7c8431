using ActorGrid.Persistence;
using static ActorGrid.Cluster.Tests.GridModel;

namespace ActorGrid.Cluster.Tests;

public sealed class MoveTurnsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly MoveTurns _turns = new(Patience);

    [Fact]
    public void An_owner_that_passes_on_nothing_for_a_while_loses_its_turn()
    {
        var view = Moving();
        var owner = view.Shards.First(shard => shard.IsMoving).Owner;
        _turns.Follow(UpGrid(3), TimeSpan.Zero);
        Assert.Empty(_turns.Ends);

        _turns.Follow(view, Seconds(1));
        Assert.Equal(Seconds(0.75), _turns.Ends.UntilNext(Seconds(1.25)));
        // Another view changes nothing.
        _turns.Follow(view, Seconds(1.5));
        Assert.Empty(_turns.Overdue(Seconds(1.9)));
        Assert.Equal([owner], _turns.Overdue(Seconds(2)));
        Assert.Null(_turns.Ends.UntilNext(Seconds(2)));
    }

    [Fact]
    public void An_owner_that_gets_on_keeps_its_turn_until_it_is_done()
    {
        var view = Moving();
        var owner = view.Shards.First(shard => shard.IsMoving).Owner;
        _turns.Follow(view, Seconds(0));
        var first = new ShardId(Enumerable.Range(0, view.Shards.Length).First(i => view.Shards[i].IsMoving));
        view = Transitions.Release(view, owner, [first]);
        _turns.Follow(view, Seconds(0.9));
        Assert.Empty(_turns.Overdue(Seconds(1.8)));
        Assert.Equal([owner], _turns.Overdue(Seconds(1.9)));
        view = Transitions.Release(view, owner, [.. Enumerable.Range(0, view.Shards.Length).Where(i => view.Shards[i].IsMoving).Select(i => new ShardId(i))]);
        _turns.Follow(view, Seconds(1.95));
        Assert.Empty(_turns.Overdue(Seconds(9)));
    }

    [Fact]
    public void An_owner_that_passes_on_a_shard_and_gets_another_one_to_pass_on_gets_on_all_the_same()
    {
        var view = Moving();
        int moving = Enumerable.Range(0, view.Shards.Length).First(i => view.Shards[i].IsMoving);
        var (owner, _, next) = view.Shards[moving];
        int other = Enumerable.Range(0, view.Shards.Length).First(i => view.Shards[i].Owner == owner && !view.Shards[i].IsMoving);
        _turns.Follow(view, Seconds(0));

        view = Transitions.Move(Transitions.Release(view, owner, [new ShardId(moving)]), [new Placement(new ShardId(other), next)]);
        _turns.Follow(view, Seconds(0.9));

        Assert.Empty(_turns.Overdue(Seconds(1.8)));
    }

    [Fact]
    public void A_move_that_is_called_off_is_no_progress_of_its_owner()
    {
        var view = Moving();
        var moving = Enumerable.Range(0, view.Shards.Length).Where(i => view.Shards[i].IsMoving).ToArray();
        var owner = view.Shards[moving[0]].Owner;
        _turns.Follow(view, Seconds(0));
        Assert.True(moving.Count(i => view.Shards[i].Owner == owner) > 1);

        view = view.Change(shards: view.Shards.SetItem(moving[0], view.Shards[moving[0]] with { Next = Guid.Empty }));
        _turns.Follow(view, Seconds(0.9));

        Assert.Equal([owner], _turns.Overdue(Seconds(1)));
    }

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    private static ClusterView Moving() => Plan(UpGrid(3), Calm(UpGrid(3), Node(4)))!.Next;
}
