using ActorGrid.Persistence;

namespace ActorGrid.Cluster.Tests;

/// <summary>Owners that cannot be reached, and incarnations that are over.</summary>
public sealed class RelayTests
{
    [Fact]
    public void An_owner_without_a_link_is_asked_by_way_of_another_member()
    {
        var rig = Apart(4);
        var (asker, owner) = (rig.Nodes[0], rig.Nodes[1]);
        var ask = asker.Ask("alice");
        rig.Advance(100);
        Assert.Equal(1, rig.Result(ask));
        Assert.Equal(rig.Nodes[0].Router.Relays[owner.Incarnation], RelayOf(rig).Incarnation);
        // From now on without a pause.
        Assert.Equal(2, rig.Result(asker.Ask("alice")));
        Assert.All(rig.Nodes, node => Assert.Equal(0, node.Router.Attempts.Count));
    }

    [Fact]
    public void A_member_that_cannot_pass_it_on_says_so_and_another_is_tried()
    {
        var rig = Apart(5);
        rig.Nodes[2].Unlink(rig.Nodes[1]);
        rig.Nodes[3].Unlink(rig.Nodes[1]);
        var ask = rig.Nodes[0].Ask("alice");
        rig.Advance(1500);
        Assert.Equal(1, rig.Result(ask));
    }

    [Fact]
    public void An_ask_is_passed_on_once_only()
    {
        var rig = RoutingTests.Rig(3, owner: 1);
        var (asker, owner, relay) = (rig.Nodes[0], rig.Nodes[1], rig.Nodes[2]);
        relay.Router.Receive(relay.Standing, relay.Links[asker], new AskSent(1, EntityId.Create("counter", "alice"), "add", "{}"u8.ToArray(), default, 1000, 0, MayRunTwice: false));
        Assert.Equal(AskStatus.NotOwner, relay.Links[asker].Log.OfType<AskAnswered>().Single().Status);
        Assert.Empty(relay.Links[owner].Log.OfType<AskSent>());
    }

    [Fact]
    public void An_ask_is_passed_on_for_no_longer_than_any_may_wait()
    {
        var rig = RoutingTests.Rig(3, owner: 1);
        var (asker, owner, relay) = (rig.Nodes[0], rig.Nodes[1], rig.Nodes[2]);
        owner.Shards.IsSlow = true;
        relay.Router.Receive(relay.Standing, relay.Links[asker], new AskSent(1, EntityId.Create("counter", "alice"), "add", "{}"u8.ToArray(), default, int.MaxValue, 1, MayRunTwice: false));
        var longest = relay.Parts.Setting.Entities.AskTimeoutMax;
        Assert.Equal(longest.TotalMilliseconds, relay.Links[owner].Log.OfType<AskSent>().Single().RemainingMs);
        rig.Advance((int)longest.TotalMilliseconds + 1000);
        Assert.Equal(0, relay.Router.Attempts.Count);
    }

    [Fact]
    public void When_the_relay_loses_the_owner_the_ask_comes_back_and_goes_on()
    {
        var rig = Apart(3);
        var (asker, owner, relay) = (rig.Nodes[0], rig.Nodes[1], rig.Nodes[2]);
        owner.Shards.IsSlow = true;
        var ask = asker.Ask("alice");
        rig.Advance(100);
        Assert.Equal(1, owner.Shards.Waiting);
        relay.Unlink(owner);
        rig.Run();
        Assert.Equal(AskStatus.NotOwner, relay.Links[asker].Log.OfType<AskAnswered>().Last().Status);
        owner.Shards.ExecuteSilently();
        owner.Shards.IsSlow = false;
        relay.Link(owner);
        rig.Advance(500);
        Assert.Equal(1, rig.Result(ask));
        // What was passed on may yet be executed: what is decided now is to be recorded in any case.
        Assert.True(asker.Links[relay].Log.OfType<AskSent>().Last().MayRunTwice);
        Assert.Equal(1, rig.Executed);
    }

    [Fact]
    public void When_the_relay_goes_the_ask_goes_by_another()
    {
        var rig = Apart(4);
        var (asker, owner) = (rig.Nodes[0], rig.Nodes[1]);
        owner.Shards.IsSlow = true;
        var ask = asker.Ask("alice");
        rig.Advance(100);
        var relay = RelayOf(rig);
        owner.Shards.ExecuteSilently();
        owner.Shards.IsSlow = false;
        asker.Unlink(relay);
        rig.Advance(1000);
        Assert.Equal(1, rig.Result(ask));
        Assert.NotEqual(asker.Router.Relays[owner.Incarnation], relay.Incarnation);
    }

    [Fact]
    public void A_node_that_has_lost_its_lease_passes_nothing_on()
    {
        var rig = Apart(3);
        var relay = rig.Nodes[2];
        _ = rig.Nodes[0].Ask("alice");
        // It sleeps over its lease, and finds the ask in its buffer when it wakes.
        rig.Nodes[0].Links[relay].IsHeldUp = true;
        rig.Advance(4000);
        rig.Nodes[0].Links[relay].IsHeldUp = false;
        rig.Run();
        Assert.Equal(AskStatus.NotOwner, relay.Links[rig.Nodes[0]].Log.OfType<AskAnswered>().First().Status);
        Assert.Empty(relay.Links[rig.Nodes[1]].Log.OfType<AskSent>());
    }

    [Fact]
    public void A_node_that_is_about_to_stop_passes_nothing_on()
    {
        var rig = Apart(3);
        var relay = rig.Nodes[2];
        var drained = rig.Begin(() => relay.Router.DrainAsync(CancellationToken.None));
        _ = rig.Nodes[0].Ask("alice");
        rig.Advance(1000);
        Assert.True(drained.IsCompletedSuccessfully);
        Assert.Empty(relay.Links[rig.Nodes[1]].Log.OfType<AskSent>());
    }

    [Fact]
    public void Who_passed_asks_on_is_forgotten_when_the_owner_has_a_link()
    {
        var rig = Apart(3);
        _ = rig.Nodes[0].Ask("alice");
        rig.Advance(100);
        Assert.Single(rig.Nodes[0].Router.Relays);
        rig.Nodes[0].Link(rig.Nodes[1]);
        rig.Advance(1000);
        Assert.Empty(rig.Nodes[0].Router.Relays);
    }

    [Fact]
    public void An_incarnation_that_is_over_answers_that_it_owns_nothing()
    {
        var rig = RoutingTests.Rig(2, owner: 1);
        var (asker, owner) = (rig.Nodes[0], rig.Nodes[1]);
        var link = owner.Links[asker];
        var standing = owner.Standing;
        standing.End();
        owner.Router.Receive(standing, link, new AskSent(1, EntityId.Create("counter", "alice"), "add", "{}"u8.ToArray(), default, 1000, 1, MayRunTwice: false));
        Assert.Equal(AskStatus.NotOwner, link.Log.OfType<AskAnswered>().Single().Status);
        Assert.Empty(owner.Shards.Admitted);
    }

    [Fact]
    public void Foreign_asks_in_hand_are_answered_when_the_incarnation_ends_and_none_is_passed_on()
    {
        var rig = Apart(3);
        var (asker, owner, relay) = (rig.Nodes[0], rig.Nodes[1], rig.Nodes[2]);
        owner.Shards.IsSlow = true;
        _ = asker.Ask("alice");
        rig.Advance(100);
        Assert.Equal(1, relay.Router.Attempts.Count);
        relay.Standing.End();
        relay.Router.Actor.Tell(new StandingOver(relay.Standing, "the test says so"));
        rig.Run();
        Assert.Equal(0, relay.Router.Attempts.Count);
        Assert.Equal(AskStatus.NotOwner, relay.Links[asker].Log.OfType<AskAnswered>().Last().Status);
    }

    [Fact]
    public void Asks_of_an_incarnation_that_is_over_go_on_under_the_next()
    {
        var rig = RoutingTests.Rig(2, owner: 0);
        var (node, other) = (rig.Nodes[0], rig.Nodes[1]);
        node.Shards.IsSlow = true;
        var local = node.Ask("alice");
        rig.Run();
        node.End();
        rig.Run();
        var between = node.Ask("alice");
        rig.Advance(500);
        Assert.False(local.IsCompleted || between.IsCompleted);

        rig.Own(other);
        other.See(rig.View);
        other.Shards.Serve(rig.ShardOf("alice"));
        node.Begin(RouterRig.Id(100));
        node.Link(other);
        rig.Advance(100);
        Assert.Equal([1, 2], new[] { rig.Result(local), rig.Result(between) }.Order());
        Assert.Equal(0, node.Router.Parked);
    }

    [Fact]
    public void Asks_sent_by_an_incarnation_that_is_over_are_sent_again_by_the_next()
    {
        var rig = RoutingTests.Rig(2, owner: 1);
        var (node, owner) = (rig.Nodes[0], rig.Nodes[1]);
        owner.Shards.IsSlow = true;
        var ask = node.Ask("alice");
        rig.Run();
        owner.Shards.ExecuteSilently();
        owner.Shards.IsSlow = false;
        node.End();
        rig.Run();
        Assert.Equal(0, node.Router.Attempts.Count);
        node.Begin(RouterRig.Id(100));
        node.Link(owner);
        rig.Advance(100);
        Assert.Equal(1, rig.Result(ask));
        Assert.Equal(1, rig.Executed);
    }

    /// <summary>All linked but the first two; the second owns all.</summary>
    private static RouterRig Apart(int nodes)
    {
        var rig = RoutingTests.Rig(nodes, owner: 1);
        rig.Nodes[0].Unlink(rig.Nodes[1]);
        rig.Run();
        return rig;
    }

    private static RouterNode RelayOf(RouterRig rig) => rig.Nodes[0].Links.Single(l => l.Value.Log.OfType<AskSent>().Any()).Key;
}
