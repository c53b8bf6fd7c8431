using ActorGrid.Actors;
using ActorGrid.Testing;

namespace ActorGrid.Persistence.Tests;

public class ShardHostTests
{
    private readonly ShardRig _rig = new();

    [Fact]
    public void A_shard_that_is_not_here_takes_no_call()
    {
        var node = _rig.Start();
        Assert.False(node.Host.TryAdmit(ShardRig.Shard, node.NewAsk(new Add(1))));
        Assert.False(node.Host.TryAdmit(new ShardId(-1), node.NewAsk(new Add(1))));
        node.Open(1);
        node.Host.Close(ShardRig.Shard, "it moved");
        Assert.False(node.Host.TryAdmit(ShardRig.Shard, node.NewAsk(new Add(1))));
    }

    [Fact]
    public void Calls_of_an_expected_shard_wait_and_are_served_in_their_order()
    {
        var node = _rig.Start();
        node.Host.Expect(ShardRig.Shard);
        Task<int>[] asks = [node.Ask(new Add(1)), node.Ask(new Add(2)), node.Ask(new Add(3))];
        _rig.Run();
        Assert.DoesNotContain(asks, a => a.IsCompleted);

        node.Open(1);
        Assert.Equal([1, 2, 3], asks.Select(a => node.Result(a)));
        Assert.Equal([1, 2, 3], node.Numbers());
    }

    [Fact]
    public void Waiting_calls_are_bounded_and_give_their_places_back_after_their_deadline()
    {
        var node = _rig.Start(options: new EntityHostOptions { CommandsPerShardMax = 2 });
        node.Host.Expect(ShardRig.Shard);
        Task<int> first = node.Ask(new Add(1), timeoutMs: 100), second = node.Ask(new Add(2), timeoutMs: 100), third = node.Ask(new Add(3));
        _rig.Run();
        var refusal = Assert.IsType<OverloadedException>(third.Exception?.InnerException);
        Assert.Equal((ShardRig.A.ToString(), nameof(EntityHostOptions.CommandsPerShardMax), 2), (refusal.Target, refusal.Option, refusal.Limit));
        Assert.NotNull(node.Host.RefuseIfFull(ShardRig.Shard, ShardRig.A));

        _rig.Advance(1000);
        Assert.IsType<AskTimeoutException>(first.Exception?.InnerException);
        Assert.IsType<AskTimeoutException>(second.Exception?.InnerException);
        Assert.Null(node.Host.RefuseIfFull(ShardRig.Shard, ShardRig.A));
        var fourth = node.Ask(new Add(4));
        node.Open(1);
        Assert.Equal(1, node.Result(fourth));
        Assert.Equal([4], node.Numbers());
    }

    [Fact]
    public void Closing_fails_all_that_is_in_hand_and_what_was_not_durable_is_gone()
    {
        var node = _rig.Start();
        node.Open(1);
        node.Do(new Add(1));
        _rig.Script(AppendFault.HoldCommit);
        Task<int> inFlight = node.Ask(new Add(2));
        _rig.Run();
        Task<int> gathered = node.Ask(new Add(3));
        _rig.Run();
        node.Host.Close(ShardRig.Shard, "it moved");
        node.AssertLost(inFlight);
        node.AssertLost(gathered);
        Assert.Empty(node.Ends);

        var next = _rig.Start();
        next.Open(2);
        _rig.ReleaseNext();
        Assert.Equal([1], next.Numbers());
    }

    [Fact]
    public void Closing_all_ends_when_nothing_can_be_answered_any_more()
    {
        var node = _rig.Start();
        node.Open(1);
        _rig.Script(AppendFault.HoldCommit);
        Task<int> inFlight = node.Ask(new Add(2));
        _rig.Run();
        // The store still has the append, and the shard cannot stop before that has ended; but it has dropped everything.
        _rig.Dispatcher.Run(() => node.Host.CloseAllAsync("the incarnation is over"));
        Assert.True(inFlight.IsFaulted);
        node.Open(2);
        Assert.Empty(node.Numbers());
    }

    [Fact]
    public void A_call_whose_shard_is_lost_goes_back_to_the_router_and_takes_effect_once()
    {
        var node = _rig.Start();
        node.Open(1);
        _rig.Script(AppendFault.HoldAnswer);
        var ask = node.Route(new Add(7));
        _rig.Run();
        var waiting = node.Route(new Add(8));
        _rig.Run();
        node.Host.Close(ShardRig.Shard, "it moved");
        _rig.Run();
        Assert.Equal([ask, waiting], node.GivenBack);

        // The append was committed, and nobody has heard of it: the next owner finds the reply.
        var next = _rig.Start();
        next.Open(2);
        foreach (var back in node.GivenBack) Assert.True(next.Host.TryAdmit(ShardRig.Shard, back));
        Assert.Equal(1, next.Result(ask.Task));
        Assert.Equal(2, next.Result(waiting.Task));
        Assert.Equal([7, 8], _rig.Stored());
    }

    [Fact]
    public void A_reply_that_another_node_has_made_the_store_forget_is_not_taken_for_one_that_never_was()
    {
        var node = _rig.Start();
        node.Open(1);
        var id = CommandId.New(_rig.Clock.GetUtcNow(), new Random(1));
        node.Do(new Add(7), id);
        var next = _rig.Start();
        next.Open(2);
        // A third node, whose clock is ahead.
        Rig.Now(_rig.Journal.ForgetRepliesAsync(id.IssuedAtUnixMs + 1, 10, default));
        var again = next.Ask(new Add(7), id);
        _rig.Run();
        Assert.IsType<OutcomeUnknownException>(again.Exception?.InnerException);
        Assert.Equal([7], _rig.Stored());
    }

    [Fact]
    public void A_shard_that_is_fenced_tells_its_watcher_once()
    {
        var node = _rig.Start();
        node.Open(1);
        var next = _rig.Start();
        next.Open(2);
        node.AssertLost(node.Ask(new Add(1)));
        node.AssertLost(node.Ask(new Add(2)));
        Assert.Equal([(new Epoch(1, 0), ShardEnd.Fenced)], node.Ends);
    }

    [Fact]
    public void A_shard_that_met_a_defect_can_be_opened_anew_under_a_later_generation()
    {
        var node = _rig.Start();
        node.Open(1);
        node.Do(new Add(1));
        // A store that breaks its contract.
        node.Tap.OnAppend = _ => throw new InvalidOperationException("Broken.");
        node.Tap.OnRaise = raises => [new FenceOutcome(ShardRig.Shard, Raised: true, raises[0].Fence, LastOffset: 77, 0, 0)];
        node.AssertLost(node.Ask(new Add(2)));
        Assert.Equal(ShardEnd.Defect, Assert.Single(node.Ends).End);

        (node.Tap.OnAppend, node.Tap.OnRaise) = (null, null);
        node.Host.Close(ShardRig.Shard, "it has stopped");
        node.Host.Expect(ShardRig.Shard);
        Task<int> ask = node.Ask(new Add(3));
        node.Open(1, generation: node.Ends[0].Epoch.Generation + 1);
        Assert.Equal(2, node.Result(ask));
        Assert.Equal([1, 3], node.Numbers());
    }

    [Fact]
    public void Stopping_ends_shards_in_every_phase()
    {
        var node = _rig.Start();
        node.Host.Expect(ShardRig.Shard);
        Task<int> ask = node.Ask(new Add(1));
        _rig.Dispatcher.Run(() => node.Host.StopAsync(default));
        Assert.True(ask.IsFaulted);
        Assert.False(node.Host.TryAdmit(ShardRig.Shard, node.NewAsk(new Add(2))));

        var other = _rig.Start();
        other.Open(1);
        other.Do(new Add(1));
        other.Release();
        Task<int> kept = other.Ask(new Add(2));
        _rig.Dispatcher.Run(() => other.Host.StopAsync(default));
        Assert.True(kept.IsFaulted);
    }

    [Fact]
    public void A_grid_without_a_cluster_refuses_entity_types_of_a_role()
    {
        var system = new ActorSystem(new ActorSystemOptions { Dispatcher = _rig.Dispatcher, TimeProvider = _rig.Clock });
        var type = EntityType.Create<Ledger>("ledger", LedgerJson.Default, new EntityOptions { Role = "worker" });
        var error = Assert.Throws<ArgumentException>(() => { _rig.Dispatcher.Run(() => EntityHost.StartAsync(system, _rig.Store, _rig.Grid, [type])); });
        Assert.Contains("role 'worker'", error.Message, StringComparison.Ordinal);
    }
}
