using ActorGrid.Actors;
using ActorGrid.Persistence;

namespace ActorGrid.Cluster.Tests;

public sealed class RoutingTests
{
    [Fact]
    public void An_ask_of_a_shard_of_this_node_goes_nowhere_else()
    {
        var rig = Rig(1);
        Assert.Equal(1, rig.Result(rig.Nodes[0].Ask("alice")));
        Assert.Equal(0, rig.Nodes[0].Router.Attempts.Count);
    }

    [Fact]
    public void An_ask_of_a_shard_of_another_node_is_answered_from_there()
    {
        var rig = Rig(2, owner: 1);
        Assert.Equal(1, rig.Result(rig.Nodes[0].Ask("alice")));
        Assert.Equal(2, rig.Result(rig.Nodes[0].Ask("alice")));
        Assert.Equal(2, rig.Result(rig.Nodes[0].Ask("alice", new Total())));
        Assert.Equal(3, rig.Nodes[1].Shards.Admitted.Count);
        Assert.Equal(0, rig.Nodes[0].Router.Attempts.Count);
    }

    [Fact]
    public void Outcomes_are_the_same_from_another_node()
    {
        var entity = EntityId.Create("counter", "alice");
        Same(new CommandFailedException(entity, "add", new InvalidOperationException("broken")));
        Same(new QuarantinedException(entity, 7, new InvalidOperationException("broken")));
        Same(FakeShards.FullOf("alice"));
        Same(new InvalidCommandIdException(entity, "It is of tomorrow."));
        Same(new StoreException("The disk is full.", isTransient: true));
        Same(FaultOf("alice"));

        static ArgumentException FaultOf(string entity) => new("It cannot be meant.", nameof(entity));
    }

    private static void Same<TException>(TException failure)
        where TException : Exception
    {
        var rig = Rig(2, owner: 1);
        rig.Nodes[1].Shards.Failure = failure;
        Assert.Contains(failure is EntityException { InnerException: { } inner } ? inner.Message : failure.Message,
            rig.Failure<TException>(rig.Nodes[0].Ask("alice")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void More_bytes_of_commands_than_a_node_may_have_in_hand_are_refused()
    {
        int bytes = Payload(Rig(2, owner: 1));
        Assert.True(bytes > 0);
        var rig = Rig(2, owner: 1, new ClusterOptions { InboundBytesMax = (2 * bytes) - 1 });
        rig.Nodes[1].Shards.IsSlow = true;
        var first = rig.Nodes[0].Ask("alice");
        rig.Run();
        var refusal = rig.Failure<OverloadedException>(rig.Nodes[0].Ask("alice"));
        Assert.Contains("bytes of commands", refusal.Bound, StringComparison.Ordinal);
        Assert.Equal(("counter/alice", nameof(ClusterOptions.InboundBytesMax), (2 * bytes) - 1), (refusal.Target, refusal.Option, refusal.Limit));
        // Those that have ended are in hand no more.
        for (int i = 1; i <= 3; i++)
        {
            rig.Nodes[1].Shards.Answer();
            rig.Run();
            Assert.Equal(i, rig.Result(first));
            first = rig.Nodes[0].Ask("alice");
            rig.Run();
        }

        static int Payload(RouterRig rig)
        {
            rig.Result(rig.Nodes[0].Ask("alice"));
            return Assert.Single(rig.Nodes[0].Links[rig.Nodes[1]].Log.OfType<AskSent>()).Payload.Length;
        }
    }

    [Fact]
    public void What_a_full_shard_refuses_is_not_decoded_and_says_when_to_come_back()
    {
        var rig = Rig(2, owner: 1);
        rig.Nodes[1].Shards.Full = FakeShards.FullOf("alice", retryAfterMs: 70);
        var refusal = rig.Failure<OverloadedException>(rig.Nodes[0].Ask("alice"));
        Assert.Equal(
            ("counter/alice", "commands in hand", 10_000, "CommandsPerShardMax", TimeSpan.FromMilliseconds(70)),
            (refusal.Target, refusal.Bound, refusal.Limit, refusal.Option, refusal.RetryAfter));
        Assert.Empty(rig.Nodes[1].Shards.Admitted);
        rig.Nodes[1].Shards.Full = null;
        Assert.Equal(1, rig.Result(rig.Nodes[0].Ask("alice")));
    }

    [Fact]
    public void A_rejection_comes_back_from_another_node()
    {
        var rig = Rig(2, owner: 1);
        rig.Nodes[1].Shards.IsSlow = true;
        var ask = rig.Nodes[0].Ask("alice");
        rig.Run();
        var request = Assert.Single(rig.Nodes[0].Links[rig.Nodes[1]].Log.OfType<AskSent>());
        rig.Nodes[1].Router.Answer(rig.Nodes[1].Links[rig.Nodes[0]], request.Request, AskStatus.Rejected, "Not today."u8.ToArray(), 1);
        Assert.Equal("Not today.", rig.Failure<CommandRejectedException>(ask).Reason);
    }

    [Fact]
    public void An_ask_waits_until_its_shard_has_an_owner()
    {
        var rig = Rig(2, owner: null);
        var ask = rig.Nodes[0].Ask("alice");
        rig.Advance(3000);
        Assert.False(ask.IsCompleted);
        rig.Give(rig.Nodes[1]);
        Assert.Equal(1, rig.Result(ask));
        Assert.Equal(0, rig.Nodes[0].Router.Parked);
    }

    [Fact]
    public void An_ask_waits_until_this_node_serves_its_shard()
    {
        var rig = new RouterRig(1);
        rig.Own(rig.Nodes[0]);
        rig.Nodes[0].See(rig.View);
        var ask = rig.Nodes[0].Ask("alice");
        rig.Advance(100);
        Assert.False(ask.IsCompleted);
        rig.Nodes[0].Shards.Serve(rig.ShardOf("alice"));
        rig.Advance(600);
        Assert.Equal(1, rig.Result(ask));
    }

    [Fact]
    public void The_deadline_says_where_the_ask_was()
    {
        var rig = Rig(2, owner: null);
        var parked = rig.Nodes[0].Ask("alice");
        rig.Advance(10_000);
        Assert.Contains("has no owner", rig.Failure<AskTimeoutException>(parked).Message, StringComparison.Ordinal);

        rig.Give(rig.Nodes[1]);
        rig.Nodes[1].Shards.IsSlow = true;
        var sent = rig.Nodes[0].Ask("alice");
        rig.Advance(10_000);
        Assert.Contains("sent to node n2", rig.Failure<AskTimeoutException>(sent).Message, StringComparison.Ordinal);
        rig.Advance(1000);
        Assert.Equal(0, rig.Nodes[0].Router.Attempts.Count);
        Assert.Equal(0, rig.Nodes[0].Router.Parked);
    }

    [Fact]
    public void The_owner_learns_how_long_the_caller_still_waits()
    {
        var rig = Rig(2, owner: null);
        _ = rig.Nodes[0].Ask("alice", options: new AskOptions { Timeout = TimeSpan.FromSeconds(5) });
        rig.Advance(2000);
        rig.Give(rig.Nodes[1]);
        rig.Run();
        Assert.Equal(3000, rig.Nodes[0].Links[rig.Nodes[1]].Log.OfType<AskSent>().Single().RemainingMs);
    }

    [Fact]
    public void A_command_is_not_executed_after_its_deadline()
    {
        var rig = Rig(2, owner: 1);
        rig.Nodes[1].Shards.IsSlow = true;
        var ask = rig.Nodes[0].Ask("alice");
        rig.Advance(10_000);
        rig.Nodes[1].Shards.Answer();
        rig.Run();
        rig.Failure<AskTimeoutException>(ask);
        Assert.Equal(0, rig.Executed);
    }

    [Fact]
    public void A_caller_may_give_up()
    {
        var rig = Rig(2, owner: 1);
        rig.Nodes[1].Shards.IsSlow = true;
        using var patience = new CancellationTokenSource();
        var ask = rig.Nodes[0].Ask("alice", cancellationToken: patience.Token);
        rig.Run();
        patience.Cancel();
        Assert.True(ask.IsCanceled);
        rig.Advance(1000);
        Assert.Equal(0, rig.Nodes[0].Router.Attempts.Count);
        // The answer finds nobody.
        rig.Nodes[1].Shards.Answer();
        rig.Run();
    }

    [Fact]
    public void A_key_that_cannot_be_meant_is_refused_before_it_is_sent()
    {
        var rig = Rig(2, owner: 1);
        var ask = rig.Nodes[0].Router.AskAsync(new EntityId("counter", "a\u0001"), new Add(1));
        rig.Failure<ArgumentException>(ask);
        Assert.Empty(rig.Nodes[0].Links[rig.Nodes[1]].Log.OfType<AskSent>());
    }

    [Fact]
    public void A_type_or_a_command_that_the_owner_does_not_know_fails()
    {
        var rig = Rig(2, owner: 1);
        var link = rig.Nodes[1].Links[rig.Nodes[0]];
        rig.Nodes[1].Router.Receive(
            rig.Nodes[1].Standing, link, new AskSent(1, EntityId.Create("counter", "alice"), "new-command", default, default, 1000, 0, MayRunTwice: false));
        rig.Nodes[1].Router.Receive(
            rig.Nodes[1].Standing, link, new AskSent(2, EntityId.Create("counter", "alice"), "add", "no JSON"u8.ToArray(), default, 1000, 0, MayRunTwice: false));
        Assert.Equal([AskStatus.Failed, AskStatus.Failed], link.Log.OfType<AskAnswered>().Select(m => m.Status));
    }

    [Fact]
    public void A_node_that_has_lost_its_lease_does_not_say_that_a_command_cannot_be_executed()
    {
        var rig = Rig(2, owner: 1);
        var link = rig.Nodes[1].Links[rig.Nodes[0]];
        rig.Advance(4000);
        rig.Nodes[1].Router.Receive(
            rig.Nodes[1].Standing, link, new AskSent(1, EntityId.Create("counter", "alice"), "new-command", default, default, 1000, 0, MayRunTwice: false));
        rig.Nodes[1].Router.Receive(
            rig.Nodes[1].Standing, link, new AskSent(2, EntityId.Create("counter", "alice"), "add", "no JSON"u8.ToArray(), default, 1000, 0, MayRunTwice: false));
        Assert.Equal([AskStatus.NotOwner, AskStatus.NotOwner], link.Log.OfType<AskAnswered>().Select(m => m.Status));
    }

    internal static RouterRig Rig(int nodes, int? owner = 0, ClusterOptions? options = null)
    {
        var rig = new RouterRig(nodes, options);
        rig.LinkAll();
        rig.Give(owner is { } index ? rig.Nodes[index] : null);
        rig.Run();
        return rig;
    }
}
