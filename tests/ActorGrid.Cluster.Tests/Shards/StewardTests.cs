using ActorGrid.Persistence;
using ActorGrid.Testing;

namespace ActorGrid.Cluster.Tests;

public class StewardTests
{
    private static readonly Guid Us = StewardRig.Us, Other = StewardRig.Other;
    private readonly StewardRig _rig = new();

    [Fact]
    public void Shards_that_are_ours_are_raised_in_one_commit_and_served()
    {
        Assert.False(_rig.TakesCalls);
        _rig.OwnAll(Us);
        Assert.Equal([4], _rig.Tap.Raises);
        Assert.Equal(new Fence(new Epoch(1, 0), Us), _rig.Fence());
        Assert.Equal(5, _rig.Do(new Add(5)));
    }

    [Fact]
    public void Shards_of_others_are_not_touched()
    {
        _rig.OwnAll(Other);
        Assert.Empty(_rig.Tap.Raises);
        Assert.False(_rig.TakesCalls);
    }

    [Fact]
    public void Revoked_leases_are_waited_out_and_calls_wait_meanwhile()
    {
        TakeOverFromTheSilent();
        var ask = _rig.Ask(new Add(1));
        _rig.Advance(5000);
        Assert.Empty(_rig.Tap.Raises);
        Assert.False(ask.IsCompleted);

        _rig.Send(new LeaseEnded(_rig.Standing, Other));
        Assert.Equal([4], _rig.Tap.Raises);
        Assert.True(ask.IsCompletedSuccessfully);
    }

    [Fact]
    public void A_view_that_has_settled_the_leases_ends_the_wait_too()
    {
        TakeOverFromTheSilent();
        _rig.Write(view => Transitions.Settle(view, [Other]));
        Assert.Empty(_rig.Tap.Raises);
        _rig.Tell();
        Assert.Equal([4], _rig.Tap.Raises);
    }

    [Fact]
    public void Fences_are_raised_again_until_the_store_answers()
    {
        int failures = 3;
        _rig.Store.OnCall = call => call == StoreCall.RaiseFences && failures-- > 0 ? CallFault.LoseAnswer : CallFault.None;
        _rig.OwnAll(Us);
        var ask = _rig.Ask(new Add(1));
        Assert.False(ask.IsCompleted);
        _rig.Advance(100);
        Assert.True(ask.IsCompletedSuccessfully);
        Assert.Equal([4, 4, 4, 4], _rig.Tap.Raises);
    }

    [Fact]
    public void A_shard_whose_fence_a_later_owner_has_raised_waits_for_the_view()
    {
        _rig.Write(view => Transitions.Assign(view, [new Placement(_rig.Shard, Us)]));
        var first = _rig.View;
        _rig.Write(view => Transitions.Release(Transitions.Move(view, [new Placement(_rig.Shard, Other)]), Us, [_rig.Shard]));
        _rig.Raise(2, Other);
        _rig.Standing.View = first;
        _rig.Send(new ViewChanged(_rig.Standing, first));
        var ask = _rig.Ask(new Add(1));
        _rig.Advance(2000);
        Assert.False(ask.IsCompleted);
        Assert.Equal(new Fence(new Epoch(2, 0), Other), _rig.Fence());

        _rig.Tell();
        Assert.IsType<OwnershipLostException>(ask.Exception?.InnerException);
        Assert.False(_rig.TakesCalls);
    }

    [Fact]
    public void A_newer_view_that_is_older_than_the_fence_proves_nothing()
    {
        _rig.Write(view => Transitions.Assign(view, [new Placement(_rig.Shard, Us)]));
        var first = _rig.View;
        var another = new ShardId((_rig.Shard.Value + 1) % _rig.Grid.ShardCount);
        _rig.Write(view => Transitions.Assign(view, [new Placement(another, Us)]));
        var second = _rig.View;
        _rig.Write(view => Transitions.Release(Transitions.Move(view, [new Placement(_rig.Shard, Other)]), Us, [_rig.Shard]));
        _rig.Raise(2, Other);
        foreach (var view in new[] { first, second })
        {
            _rig.Standing.View = view;
            _rig.Send(new ViewChanged(_rig.Standing, view));
            _rig.Advance(2000);
            Assert.Equal(new Fence(new Epoch(2, 0), Other), _rig.Fence());
        }
    }

    [Fact]
    public void Fences_that_a_node_without_a_cluster_has_raised_are_gone_beyond()
    {
        _rig.Raise(17, Guid.NewGuid());
        _rig.ClusterStore.IsDown = true;
        _rig.Write(view => Transitions.Assign(view, [new Placement(_rig.Shard, Us)]));
        _rig.Tell();
        var ask = _rig.Ask(new Add(1));
        _rig.Advance(500);
        // Nothing is known of the view, so nothing is assumed.
        Assert.False(ask.IsCompleted);
        _rig.ClusterStore.IsDown = false;
        _rig.Advance(1000);
        Assert.True(ask.IsCompletedSuccessfully);
        Assert.Equal(new Fence(new Epoch(17, 1), Us), _rig.Fence());
    }

    [Fact]
    public void A_shard_that_was_fenced_comes_back_if_the_view_still_gives_it_to_us()
    {
        _rig.OwnAll(Us);
        _rig.Do(new Add(1));
        _rig.Raise(9, Guid.NewGuid());
        Assert.IsType<OwnershipLostException>(_rig.Ask(new Add(2)).Exception?.InnerException);
        _rig.Advance(100);
        Assert.Equal(new Fence(new Epoch(9, 1), Us), _rig.Fence());
        Assert.Equal(4, _rig.Do(new Add(3)));
    }

    [Fact]
    public void A_shard_that_met_a_defect_is_opened_anew_at_growing_intervals_and_the_node_is_told()
    {
        _rig.OwnAll(Us);
        _rig.Do(new Add(1));
        _rig.Tap.IsBroken = true;
        Assert.IsType<OwnershipLostException>(_rig.Ask(new Add(2)).Exception?.InnerException);
        var waiting = _rig.Ask(new Add(3));
        Assert.False(waiting.IsCompleted);
        _rig.Tap.IsBroken = false;
        _rig.Advance(20);
        Assert.Equal(4, StewardRig.Now(waiting));
        Assert.True(_rig.Fence().Epoch.Generation > 0);
        Assert.Empty(_rig.Told.OfType<ShardDefect>());

        for (int i = 0; i < 3; i++)
        {
            _rig.Tap.IsBroken = true;
            _ = _rig.Ask(new Add(9));
            _rig.Tap.IsBroken = false;
            _rig.Advance(1000);
        }
        Assert.Equal(2, _rig.Told.OfType<ShardDefect>().Count());
        Assert.Equal(4, _rig.Do(new Total()));
    }

    [Fact]
    public void A_store_that_leaves_a_fence_out_is_asked_again()
    {
        _rig.Tap.LeavesOut = true;
        _rig.OwnAll(Us);
        _rig.Advance(1000);
        Assert.False(_rig.Tap.LeavesOut);
        Assert.Equal(1, _rig.Do(new Add(1)));
    }

    [Fact]
    public void A_shard_that_stopped_before_it_was_opened_is_opened_all_the_same()
    {
        _rig.OwnAll(Us);
        _rig.Send(new ShardEnded(_rig.Shard, default, ShardEnd.Defect, new InvalidOperationException("Broken.")));
        _rig.Advance(100);
        Assert.Equal(new Fence(new Epoch(1, 1), Us), _rig.Fence());
        Assert.Equal(3, _rig.Do(new Add(3)));
        // Of an opening before the present one.
        _rig.Send(new ShardEnded(_rig.Shard, new Epoch(1, 0), ShardEnd.Fenced, null));
        Assert.Equal(new Fence(new Epoch(1, 1), Us), _rig.Fence());
    }

    [Fact]
    public void What_the_view_takes_away_is_closed_at_once()
    {
        _rig.OwnAll(Us);
        _rig.Store.OnAppend = _ => AppendFault.HoldCommit;
        var inFlight = _rig.Ask(new Add(1));
        Assert.False(inFlight.IsCompleted);
        _rig.Change(view => Transitions.Die(view, [new Death(Us, DepartureCause.Expired, 1)]));
        Assert.IsType<OwnershipLostException>(inFlight.Exception?.InnerException);
        Assert.False(_rig.TakesCalls);
    }

    [Fact]
    public void Nothing_is_opened_after_the_standing_is_over()
    {
        _rig.Store.OnCall = call => call == StoreCall.RaiseFences ? CallFault.Hold : CallFault.None;
        _rig.OwnAll(Us);
        var ask = _rig.Ask(new Add(1));
        _rig.Standing.End();
        _rig.Send(new StandingOver(_rig.Standing, "it was declared dead"));
        _rig.Dispatcher.Run(() => _rig.Host.CloseAllAsync("it was declared dead"));
        Assert.IsType<OwnershipLostException>(ask.Exception?.InnerException);
        _rig.Dispatcher.Run(() =>
        {
            _rig.Store.ReleaseNext();
            return Task.CompletedTask;
        });
        Assert.False(_rig.TakesCalls);
    }

    private void TakeOverFromTheSilent()
    {
        _rig.OwnAll(Other);
        _rig.Write(view => Transitions.Die(view, [new Death(Other, DepartureCause.Silent, 7)]));
        _rig.OwnAll(Us);
    }
}
