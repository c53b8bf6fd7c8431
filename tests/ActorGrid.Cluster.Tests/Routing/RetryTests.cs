using ActorGrid.Actors;
using ActorGrid.Persistence;

namespace ActorGrid.Cluster.Tests;

/// <summary>Asks whose first attempt comes to nothing.</summary>
public sealed class RetryTests
{
    [Fact]
    public void An_ask_whose_answer_is_lost_is_sent_again_under_its_id_and_takes_effect_once()
    {
        var rig = RoutingTests.Rig(2, owner: 1);
        var (asker, owner) = (rig.Nodes[0], rig.Nodes[1]);
        owner.Shards.IsSlow = true;
        var ask = asker.Ask("alice");
        rig.Run();
        owner.Shards.ExecuteSilently();
        owner.Shards.IsSlow = false;

        asker.Unlink(owner);
        rig.Run();
        Assert.False(ask.IsCompleted);
        asker.Link(owner);

        Assert.Equal(1, rig.Result(ask));
        Assert.Equal(1, rig.Executed);
        Assert.Equal(2, owner.Shards.Admitted.Count);
        Assert.Single(owner.Shards.Admitted.Distinct());
        // The first may yet come: what is decided now is to be recorded in any case.
        Assert.True(asker.Links[owner].Log.OfType<AskSent>().Single().MayRunTwice);
    }

    [Fact]
    public void An_ask_under_an_id_that_its_caller_gives_may_have_been_sent_before()
    {
        var rig = RoutingTests.Rig(2, owner: 1);
        var (asker, owner) = (rig.Nodes[0], rig.Nodes[1]);
        rig.Result(asker.Ask("alice"));
        rig.Result(asker.Ask("alice", options: new AskOptions { CommandId = CommandId.New(rig.Clock.GetUtcNow(), new Random(1)) }));
        Assert.Equal([false, true], asker.Links[owner].Log.OfType<AskSent>().Select(sent => sent.MayRunTwice));
    }

    [Fact]
    public void An_ask_under_way_is_sent_to_the_new_owner_and_the_old_ones_answer_finds_nobody()
    {
        var rig = RoutingTests.Rig(3, owner: 1);
        var (asker, old, next) = (rig.Nodes[0], rig.Nodes[1], rig.Nodes[2]);
        old.Shards.IsSlow = true;
        var ask = asker.Ask("alice");
        rig.Run();
        // The old owner does not know yet, and the answer is on its way when the asker learns.
        rig.Own(next);
        next.Shards.Serve(rig.ShardOf("alice"));
        next.See(rig.View);
        asker.See(rig.View);
        rig.Run();
        old.Shards.Answer();

        Assert.Equal(1, rig.Result(ask));
        Assert.Equal(1, rig.Executed);
        Assert.Equal(0, asker.Router.Attempts.Count);
        Assert.Equal(old.Shards.Admitted, next.Shards.Admitted);
    }

    [Fact]
    public void An_ask_in_a_shard_of_this_node_goes_where_the_shard_goes()
    {
        var rig = RoutingTests.Rig(2, owner: 0);
        rig.Nodes[0].Shards.IsSlow = true;
        var ask = rig.Nodes[0].Ask("alice");
        rig.Run();
        rig.Give(rig.Nodes[1]);
        Assert.Equal(1, rig.Result(ask));
        Assert.Single(rig.Nodes[1].Shards.Admitted);
    }

    [Fact]
    public void An_owner_that_does_not_know_it_yet_is_asked_again_after_a_pause()
    {
        var rig = RoutingTests.Rig(2, owner: 0);
        var (asker, owner) = (rig.Nodes[0], rig.Nodes[1]);
        asker.Shards.CloseAll();
        asker.See(rig.Own(owner));
        var ask = asker.Ask("alice");
        rig.Advance(200);
        int sent = asker.Links[owner].Log.OfType<AskSent>().Count();
        Assert.InRange(sent, 2, 8);
        owner.Shards.Serve(rig.ShardOf("alice"));
        owner.See(rig.View);
        rig.Advance(500);
        Assert.Equal(1, rig.Result(ask));
        // Those that were refused will not be executed.
        Assert.DoesNotContain(asker.Links[owner].Log.OfType<AskSent>(), sent => sent.MayRunTwice);
    }

    [Fact]
    public void Ten_thousand_asks_of_one_shard_do_not_storm_an_owner_that_refuses_them()
    {
        const int Count = 10_000;
        var rig = RoutingTests.Rig(2, owner: 0);
        var (asker, owner) = (rig.Nodes[0], rig.Nodes[1]);
        asker.Shards.CloseAll();
        asker.See(rig.Own(owner));
        string key = rig.Key(0);
        var asks = Enumerable.Range(0, Count).Select(_ => asker.Ask(key)).ToList();
        rig.Advance(5000);
        Assert.InRange(asker.Links[owner].Log.OfType<AskSent>().Count(), Count, Count + 30);
        Assert.Equal(Count, asker.Router.Parked);
        // More that come now wait behind them.
        asks.Add(asker.Ask(key));
        rig.Run();
        Assert.InRange(asker.Links[owner].Log.OfType<AskSent>().Count(), Count, Count + 30);

        owner.Shards.Serve(new ShardId(0));
        owner.See(rig.View);
        rig.Advance(500);
        Assert.All(asks, ask => Assert.True(ask.IsCompletedSuccessfully));
        Assert.Equal(Count + 1, rig.Executed);
        Assert.Equal(0, asker.Router.Parked);
        rig.Advance(2000);
        Assert.Empty(asker.Router.Holding);
    }

    [Fact]
    public void News_of_a_newer_view_is_asked_for_once()
    {
        var rig = RoutingTests.Rig(3, owner: 1);
        var (asker, old, next) = (rig.Nodes[0], rig.Nodes[1], rig.Nodes[2]);
        rig.Own(next);
        old.Shards.CloseAll();
        old.See(rig.View);
        next.See(rig.View);
        next.Shards.Serve(rig.ShardOf("alice"));
        var asks = Enumerable.Range(0, 100).Select(_ => asker.Ask("alice")).ToList();
        rig.Run();
        Assert.Single(asker.Links[old].Log.OfType<ViewWanted>());
        asker.See(rig.View);
        rig.Run();
        Assert.All(asks, ask => Assert.True(ask.IsCompletedSuccessfully));
    }

    [Fact]
    public void An_answer_that_nobody_waits_for_or_that_another_node_gives_is_void()
    {
        var rig = RoutingTests.Rig(3, owner: 1);
        var (asker, owner, other) = (rig.Nodes[0], rig.Nodes[1], rig.Nodes[2]);
        owner.Shards.IsSlow = true;
        var ask = asker.Ask("alice");
        rig.Run();
        long request = asker.Links[owner].Log.OfType<AskSent>().Single().Request;
        asker.Router.Receive(asker.Standing, asker.Links[other], new AskAnswered(request, AskStatus.Replied, "7"u8.ToArray(), 1));
        asker.Router.Receive(asker.Standing, asker.Links[owner], new AskAnswered(request + 1, AskStatus.Replied, "7"u8.ToArray(), 1));
        rig.Run();
        Assert.False(ask.IsCompleted);
        owner.Shards.Answer();
        Assert.Equal(1, rig.Result(ask));
        asker.Router.Receive(asker.Standing, asker.Links[owner], new AskAnswered(request, AskStatus.Replied, "7"u8.ToArray(), 1));
        Assert.Equal(1, rig.Result(ask));
    }

    [Fact]
    public void More_asks_than_may_wait_are_refused()
    {
        var rig = RoutingTests.Rig(1, owner: null, new ClusterOptions { ParkedAsksMax = 10 });
        var asks = Enumerable.Range(0, 11).Select(_ => rig.Nodes[0].Ask("alice")).ToList();
        var refusal = rig.Failure<OverloadedException>(asks[10]);
        Assert.Equal((nameof(ClusterOptions.ParkedAsksMax), 10), (refusal.Option, refusal.Limit));
        Assert.All(asks.Take(10), ask => Assert.False(ask.IsCompleted));
        // Those that nobody waits for make room.
        rig.Advance(10_000);
        rig.Advance(1000);
        var again = rig.Nodes[0].Ask("alice");
        rig.Give(rig.Nodes[0]);
        Assert.Equal(1, rig.Result(again));
    }

    [Fact]
    public void An_ask_that_may_have_been_executed_is_not_refused_for_want_of_room()
    {
        var rig = RoutingTests.Rig(2, owner: 1, new ClusterOptions { ParkedAsksMax = 1 });
        var (asker, owner) = (rig.Nodes[0], rig.Nodes[1]);
        owner.Shards.IsSlow = true;
        var asks = Enumerable.Range(0, 10).Select(_ => asker.Ask("alice")).ToList();
        rig.Run();
        owner.Shards.ExecuteSilently();
        asker.Unlink(owner);
        rig.Run();
        Assert.All(asks, ask => Assert.False(ask.IsCompleted));
        // The owner's shard is full, too: that is no answer to what came before.
        owner.Shards.IsSlow = false;
        owner.Shards.Failure = FakeShards.FullOf("alice");
        asker.Link(owner);
        rig.Advance(1000);
        Assert.All(asks, ask => Assert.False(ask.IsCompleted));
        owner.Shards.Failure = null;
        rig.Advance(1000);
        Assert.All(asks, ask => Assert.True(ask.IsCompletedSuccessfully));
        Assert.Equal(10, rig.Executed);
    }

    [Theory]
    [InlineData(1000, 1)]
    [InlineData(60_000, 1)]
    [InlineData(1, 2)]
    public void A_full_owner_is_left_alone_for_as_long_as_it_says_and_no_longer_than_two_seconds(int retryAfterMs, int sentAtLeast)
    {
        var rig = RoutingTests.Rig(2, owner: 1);
        var (asker, owner) = (rig.Nodes[0], rig.Nodes[1]);
        owner.Shards.IsSlow = true;
        var asks = Enumerable.Range(0, 10).Select(_ => asker.Ask("alice")).ToList();
        rig.Run();
        owner.Shards.ExecuteSilently();
        asker.Unlink(owner);
        owner.Shards.IsSlow = false;
        owner.Shards.Full = FakeShards.FullOf("alice", retryAfterMs);
        asker.Link(owner);
        rig.Run();
        var log = asker.Links[owner].Log;
        int first = log.OfType<AskSent>().Count();
        rig.Advance(900);
        int again = log.OfType<AskSent>().Count() - first;
        Assert.Equal(sentAtLeast > 1, again > 0);
        // One at a time, however many wait.
        Assert.InRange(again, 0, 10);
        owner.Shards.Full = null;
        rig.Advance(2000);
        Assert.All(asks, ask => Assert.True(ask.IsCompletedSuccessfully));
        Assert.Equal(10, rig.Executed);
    }

    [Fact]
    public void Those_that_wait_for_a_full_owner_are_taken_in_as_fast_as_it_answers_and_do_not_storm_it()
    {
        const int Count = 60;
        var rig = RoutingTests.Rig(2, owner: 1);
        var (asker, owner) = (rig.Nodes[0], rig.Nodes[1]);
        owner.Shards.IsSlow = true;
        var asks = Enumerable.Range(0, Count).Select(_ => asker.Ask("alice")).ToList();
        rig.Run();
        // They took effect, and no answer came.
        owner.Shards.ExecuteSilently();
        asker.Unlink(owner);
        owner.Shards.RoomMax = 4;
        asker.Link(owner);
        rig.Run();
        for (int ms = 0; ms < 4000 && !asks.All(ask => ask.IsCompleted); ms += 5)
        {
            owner.Shards.Answer();
            rig.Advance(5);
        }
        Assert.All(asks, ask => Assert.True(ask.IsCompletedSuccessfully));
        Assert.Equal(Count, rig.Executed);
        // All were sent once to the owner when it was back; from then on few of them in vain.
        Assert.InRange(asker.Links[owner].Log.OfType<AskSent>().Count(), 2 * Count - 4, 3 * Count);
    }

    [Fact]
    public void A_full_shard_of_this_node_does_not_refuse_what_may_have_been_executed_elsewhere()
    {
        var rig = RoutingTests.Rig(2, owner: 1);
        rig.Nodes[1].Shards.IsSlow = true;
        var ask = rig.Nodes[0].Ask("alice");
        rig.Run();
        rig.Nodes[1].Shards.ExecuteSilently();
        rig.Nodes[0].Shards.Failure = FakeShards.FullOf("alice");
        rig.Give(rig.Nodes[0]);
        rig.Advance(300);
        Assert.False(ask.IsCompleted);
        rig.Failure<OverloadedException>(rig.Nodes[0].Ask(rig.Key((rig.ShardOf("alice").Value + 1) % 4)));
        rig.Nodes[0].Shards.Failure = null;
        rig.Advance(600);
        Assert.Equal(1, rig.Result(ask));
        Assert.Equal(1, rig.Executed);
    }

    [Fact]
    public void Asks_wait_while_the_link_takes_no_more_and_go_in_their_order()
    {
        var rig = RoutingTests.Rig(2, owner: 1);
        var (asker, owner) = (rig.Nodes[0], rig.Nodes[1]);
        asker.Links[owner].IsFull = true;
        var asks = Enumerable.Range(0, 100).Select(_ => asker.Ask("alice")).ToList();
        rig.Advance(1000);
        Assert.Equal(100, asker.Router.Parked);
        Assert.Equal(0, asker.Router.Attempts.Count);
        asker.Links[owner].IsFull = false;
        rig.Advance(500);
        Assert.Equal(Enumerable.Range(1, 100).Select(i => (long)i), asks.Select(ask => rig.Result(ask)));
    }

    [Fact]
    public void An_answer_that_the_link_does_not_take_comes_later()
    {
        var rig = RoutingTests.Rig(2, owner: 1);
        var (asker, owner) = (rig.Nodes[0], rig.Nodes[1]);
        owner.Links[asker].IsFull = true;
        var ask = asker.Ask("alice");
        rig.Advance(500);
        Assert.False(ask.IsCompleted);
        owner.Links[asker].IsFull = false;
        rig.Advance(20);
        Assert.Equal(1, rig.Result(ask));
    }

    [Fact]
    public void A_link_that_takes_no_answers_for_long_is_closed_so_that_its_asks_go_on()
    {
        var rig = RoutingTests.Rig(2, owner: 1);
        var (asker, owner) = (rig.Nodes[0], rig.Nodes[1]);
        owner.Links[asker].IsFull = true;
        var ask = asker.Ask("alice");
        rig.Advance(2100);
        Assert.Empty(asker.Links);
        asker.Link(owner);
        Assert.Equal(1, rig.Result(ask));
        Assert.Equal(1, rig.Executed);
    }

    [Fact]
    public void Asks_end_when_their_node_stops()
    {
        var rig = RoutingTests.Rig(2, owner: 1);
        var (asker, owner) = (rig.Nodes[0], rig.Nodes[1]);
        owner.Shards.IsSlow = true;
        var sent = asker.Ask("alice");
        rig.Run();
        using var patience = new CancellationTokenSource();
        var stop = rig.Begin(() => StopAsync(asker.Router, patience.Token));
        rig.Failure<OwnershipLostException>(asker.Ask("bob"));
        rig.Advance(1000);
        Assert.False(stop.IsCompleted);
        patience.Cancel();
        rig.Failure<OwnershipLostException>(sent);
        rig.Run();
        Assert.True(stop.IsCompletedSuccessfully);
    }

    [Fact]
    public void A_stop_waits_for_the_asks_in_hand()
    {
        var rig = RoutingTests.Rig(2, owner: 1);
        rig.Nodes[1].Shards.IsSlow = true;
        var ask = rig.Nodes[0].Ask("alice");
        rig.Run();
        var stop = rig.Begin(() => StopAsync(rig.Nodes[0].Router, CancellationToken.None));
        rig.Advance(100);
        Assert.False(stop.IsCompleted);
        rig.Nodes[1].Shards.Answer();
        Assert.Equal(1, rig.Result(ask));
        rig.Advance(100);
        Assert.True(stop.IsCompletedSuccessfully);
    }

    private static async Task StopAsync(ClusterRouter router, CancellationToken patience)
    {
        await router.DrainAsync(patience);
        await router.StopAsync();
    }
}
