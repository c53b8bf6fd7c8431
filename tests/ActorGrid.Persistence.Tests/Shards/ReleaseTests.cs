using ActorGrid.Testing;

namespace ActorGrid.Persistence.Tests;

public class ReleaseTests
{
    private readonly ShardRig _rig = new();
    private int _historyReads;

    [Fact]
    public void A_release_finishes_what_is_in_hand_and_lets_new_calls_wait()
    {
        var node = _rig.Start();
        node.Open(1);
        _rig.Script(AppendFault.HoldCommit);
        Task<int> inHand = node.Ask(new Add(1));
        _rig.Run();
        var release = node.Host.ReleaseAsync(ShardRig.Shard);
        Task<int> late = node.Ask(new Add(2));
        _rig.Run();
        Assert.False(release.IsCompleted);

        _rig.ReleaseNext();
        Assert.Equal(1, node.Result(inHand));
        Assert.Equal(1, node.Result(release)!.Offset);
        Assert.False(late.IsCompleted);
        node.Host.Resume(ShardRig.Shard);
        Assert.Equal(2, node.Result(late));
        Assert.Equal([1, 2], _rig.Stored());
    }

    [Fact]
    public void A_release_ends_though_calls_never_stop_coming()
    {
        var node = _rig.Start();
        node.Open(1);
        var release = node.Host.ReleaseAsync(ShardRig.Shard);
        for (int i = 0; i < 100; i++) _ = node.Ask(new Add(i));
        Assert.NotNull(node.Result(release));
        Assert.Empty(_rig.Stored());
    }

    [Fact]
    public void The_next_owner_goes_on_from_the_states_without_reading_the_history()
    {
        var node = _rig.Start();
        node.Open(1);
        foreach (int i in new[] { 1, 2, 3 }) node.Do(new Add(i));
        node.Do(new AddLater("soon", 9, TimeSpan.FromSeconds(5)));
        var next = NextOwner(node.Release());
        Assert.Equal([1, 2, 3], next.Numbers());
        Assert.Equal(4, next.Do(new Add(4)));
        _rig.Advance(6000);
        Assert.Equal([1, 2, 3, 4, 9], next.Numbers());
        Assert.Equal(0, _historyReads);
    }

    [Fact]
    public void States_are_dropped_if_anything_was_written_after_them()
    {
        var node = _rig.Start();
        node.Open(1);
        node.Do(new Add(1));
        var states = node.Release();
        node.Host.Resume(ShardRig.Shard);
        node.Do(new Add(2));
        var next = NextOwner(states);
        Assert.Equal([1, 2], next.Numbers());
        Assert.Equal(1, _historyReads);
    }

    [Fact]
    public void States_that_cannot_be_read_here_are_read_from_the_journal()
    {
        var node = _rig.Start();
        node.Open(1);
        node.Do(new Add(1));
        var states = node.Release();
        var damaged = states.Entities[0] with { State = states.Entities[0].State with { Payload = new byte[] { 1, 2, 3 } } };
        var next = NextOwner(states with { Entities = [damaged] });
        Assert.Equal([1], next.Numbers());
        Assert.Equal(1, _historyReads);
    }

    [Fact]
    public void Snapshots_go_on_from_where_the_last_owner_was()
    {
        var node = _rig.Start(new EntityOptions { SnapshotEvery = 3 });
        node.Open(1);
        foreach (int i in new[] { 1, 2, 3, 4 }) node.Do(new Add(i));
        var states = node.Release();
        Assert.Equal((4L, 3L), (states.Entities[0].State.Sequence, states.Entities[0].SnapshotSequence));
        var next = NextOwner(states, new EntityOptions { SnapshotEvery = 3 });
        next.Do(new Add(5));
        next.Do(new Add(6));
        Assert.Equal(6, Rig.Now(_rig.Journal.ReadEntitiesAsync([new EntityRead(ShardRig.A, null, 10)], default))[0].Snapshot?.Sequence);
    }

    [Fact]
    public void States_that_were_not_used_go_on_to_the_owner_after_the_next()
    {
        var node = _rig.Start();
        node.Open(1);
        node.Do(new Add(1));
        var second = NextOwner(node.Release());
        var third = NextOwner(second.Release(), term: 3);
        Assert.Equal([1], third.Numbers());
        Assert.Equal(0, _historyReads);
    }

    [Theory]
    [InlineData(AppendFault.LoseAnswer)]
    [InlineData(AppendFault.LoseAppend)]
    [InlineData(AppendFault.CommitLate)]
    [InlineData(AppendFault.Refuse)]
    public void A_release_waits_until_the_outcome_of_an_append_is_known(AppendFault fault)
    {
        var node = _rig.Start();
        node.Open(1);
        node.Do(new Add(1));
        _rig.Script(fault);
        bool isDown = true;
        _rig.Store.OnCall = call => call == StoreCall.RaiseFences && isDown ? CallFault.Fail : CallFault.None;
        Task<int> ask = node.Ask(new Add(2));
        var release = node.Host.ReleaseAsync(ShardRig.Shard);
        _rig.Run();
        Assert.False(release.IsCompleted);

        isDown = false;
        _rig.Advance(5000);
        Assert.Equal(2, node.Result(ask));
        Assert.Equal([1, 2], _rig.Stored());
        var states = node.Result(release)!;
        Assert.Equal(2, states.Offset);
        var next = NextOwner(states, term: 5);
        Assert.Equal([1, 2], next.Numbers());
    }

    [Fact]
    public void Only_durable_states_are_given_away()
    {
        var node = _rig.Start();
        node.Open(1);
        node.Do(new Add(1));
        _rig.Script(AppendFault.RefuseForGood);
        Task<int> refused = node.Ask(new Add(2));
        var states = node.Release();
        Assert.True(refused.IsFaulted);
        Assert.Equal((1L, 1L), (states.Offset, states.Entities[0].State.Sequence));
    }

    [Fact]
    public void A_release_that_a_fence_overtakes_gives_nothing()
    {
        var node = _rig.Start();
        node.Open(1);
        _rig.Script(AppendFault.HoldCommit);
        Task<int> inHand = node.Ask(new Add(1));
        _rig.Run();
        var release = node.Host.ReleaseAsync(ShardRig.Shard);
        _rig.Run();
        _rig.Start().Open(2);
        _rig.ReleaseNext();
        Assert.Null(node.Result(release));
        node.AssertLost(inHand);
        Assert.Equal(ShardEnd.Fenced, Assert.Single(node.Ends).End);
    }

    [Fact]
    public void A_release_ends_without_states_when_the_shard_is_closed_or_resumed()
    {
        var node = _rig.Start();
        Assert.Null(node.Result(node.Host.ReleaseAsync(ShardRig.Shard)));
        node.Open(1);
        _rig.Script(AppendFault.HoldCommit, AppendFault.HoldCommit);
        Task<int> first = node.Ask(new Add(1));
        _rig.Run();
        var resumed = node.Host.ReleaseAsync(ShardRig.Shard);
        node.Host.Resume(ShardRig.Shard);
        Assert.Null(node.Result(resumed));
        _rig.ReleaseNext();
        Assert.Equal(1, node.Result(first));

        _ = node.Ask(new Add(2));
        _rig.Run();
        var closed = node.Host.ReleaseAsync(ShardRig.Shard);
        node.Host.Close(ShardRig.Shard, "it moved");
        Assert.Null(node.Result(closed));
    }

    [Fact]
    public void Timers_rest_while_a_shard_moves()
    {
        var node = _rig.Start();
        node.Open(1);
        node.Do(new AddLater("soon", 5, TimeSpan.FromSeconds(1)));
        node.Release();
        _rig.Advance(3000);
        Assert.Empty(_rig.Stored());
        node.Host.Resume(ShardRig.Shard);
        _rig.Run();
        Assert.Equal([5], _rig.Stored());
    }

    [Fact]
    public void A_timer_that_meets_a_failure_while_the_shard_moves_fires_at_the_next_owner()
    {
        var node = _rig.Start();
        node.Open(1);
        node.Do(new AddLater("soon", 5, TimeSpan.FromSeconds(1)));
        bool isDown = true;
        _rig.Store.OnAppend = _ => isDown ? AppendFault.Refuse : AppendFault.None;
        _rig.Advance(1000);
        var release = node.Host.ReleaseAsync(ShardRig.Shard);
        _rig.Advance(2000);
        var states = node.Result(release);
        Assert.NotNull(states);
        isDown = false;
        NextOwner(states);
        _rig.Run();
        Assert.Equal([5], _rig.Stored());
    }

    [Fact]
    public void Timers_that_could_not_be_read_when_a_shard_came_fire_soon_after_the_store_is_back()
    {
        var node = _rig.Start();
        node.Open(1);
        node.Do(new AddLater("soon", 5, TimeSpan.FromSeconds(1)));
        var next = _rig.Start();
        _rig.Store.OnCall = call => call == StoreCall.Read ? CallFault.Fail : CallFault.None;
        next.Open(2);
        _rig.Advance(5000);
        Assert.Empty(_rig.Stored());
        _rig.Store.OnCall = _ => CallFault.None;
        _rig.Advance(1000);
        Assert.Equal([5], _rig.Stored());
    }

    [Fact]
    public void No_more_is_given_away_than_fits_and_the_rest_is_read()
    {
        var node = _rig.Start(handoverBytesMax: 0);
        node.Open(1);
        node.Do(new Add(1));
        var states = node.Release();
        Assert.Empty(states.Entities);
        Assert.Equal([1], NextOwner(states).Numbers());
        Assert.Equal(1, _historyReads);
    }

    private ShardRig.Node NextOwner(HandedOver? states, EntityOptions? entities = null, long term = 2)
    {
        var next = _rig.Start(entities);
        next.Tap.OnRead = _ =>
        {
            _historyReads++;
            return null;
        };
        next.Open(term, states);
        return next;
    }
}
