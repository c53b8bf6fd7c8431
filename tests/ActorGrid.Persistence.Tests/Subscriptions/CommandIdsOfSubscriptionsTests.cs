namespace ActorGrid.Persistence.Tests;

/// <summary>The ids that a handler sends commands under: the same whenever an event is given again, and young enough to be known.</summary>
public sealed class CommandIdsOfSubscriptionsTests
{
    private static readonly EntityHostOptions Short = new() { AskTimeoutMax = TimeSpan.FromSeconds(30), ReplyRetention = TimeSpan.FromMinutes(1) };

    [Fact]
    public void Commands_that_an_event_leads_to_take_effect_once_however_often_it_is_given()
    {
        var rig = new SubscriptionRig(entities: Short);
        rig.Handler = CopyWith(rig);
        rig.Add("a", 1, 2);
        rig.Node.Restart();
        rig.Add("a", 3);
        Assert.Equal(["a:1", "a:2", "a:1", "a:2", "a:3"], rig.TakeGiven().Where(e => e.StartsWith('a')));
        Assert.Equal([1, 2, 3], Numbers(rig));
        Assert.Equal(rig.Envelopes.Where(e => e.Sequence == 1 && e.Entity.Key == "a").Select(e => e.CommandId).Distinct(), [rig.Envelopes[0].CommandId]);
        Assert.NotEqual(rig.Envelopes[0].CommandId, rig.Envelopes[0].CommandIdFor(1));
    }

    [Fact]
    public void An_event_that_is_older_than_replies_are_kept_leads_to_commands_all_the_same()
    {
        var rig = new SubscriptionRig(entities: Short);
        rig.Handler = CopyWith(rig);
        rig.Add("a", 1);
        rig.Node.Run(() => rig.Node.Subscriptions.StopAsync());
        rig.Add("a", 2, 3);
        rig.Advance(3600);
        rig.Node.Restart();
        rig.Add("a", 4);
        rig.Advance(60);
        Assert.Equal([1, 2, 3, 4], Numbers(rig));
    }

    [Fact]
    public void A_backlog_is_sent_under_a_time_of_its_own_and_that_stays_when_it_is_given_again()
    {
        var rig = new SubscriptionRig(entities: Short);
        rig.Node.Run(() => rig.Node.Subscriptions.StopAsync());
        rig.Add("a", [.. Enumerable.Range(1, 150)]);
        rig.Advance(3600);
        rig.Handler = CopyWith(rig);
        rig.Node.Restart();
        rig.Node.Run();
        Assert.Equal(150, Numbers(rig).Length);
        // It dies before it has stored how far it came.
        Assert.Equal(0, rig.CursorOf("a").Offset);
        rig.Advance(0.5);
        rig.Node.Restart();
        rig.Node.Run();
        Assert.Equal(Enumerable.Range(1, 150), Numbers(rig).Order());
        Assert.Equal(300, rig.Given.Count(e => e.StartsWith("a:", StringComparison.Ordinal)));
    }

    [Fact]
    public void An_event_that_may_have_been_given_longer_ago_than_replies_are_kept_leads_to_an_unknown_outcome_and_not_to_a_second_effect()
    {
        var rig = new SubscriptionRig(entities: Short);
        rig.Handler = CopyWith(rig);
        rig.Add("a", 1);
        // Killed before the cursor was stored, and started again too late to tell.
        rig.Node.Restart();
        rig.Advance(0.5);
        rig.Handler = static (_, _) => throw new InvalidOperationException("The dependency is away.");
        rig.Node.Restart();
        rig.Advance(600);
        Exception? seen = null;
        var copy = CopyWith(rig);
        rig.Handler = async (e, token) =>
        {
            try
            {
                await copy(e, token);
            }
            catch (OutcomeUnknownException unknown)
            {
                // The way out for who would rather go on.
                seen = unknown;
            }
        };
        rig.Advance(60);
        Assert.IsType<OutcomeUnknownException>(seen);
        Assert.Equal([1], Numbers(rig));
        rig.Add("a", 2);
        Assert.Equal([1, 2], Numbers(rig));
    }

    [Fact]
    public void Events_behind_one_that_failed_for_longer_than_replies_are_kept_lead_to_commands_all_the_same()
    {
        var rig = new SubscriptionRig(entities: Short);
        rig.Handler = static (_, _) => throw new InvalidOperationException("The dependency is away.");
        rig.Add("a", 1, 2, 3);
        rig.Advance(600);
        var copy = CopyWith(rig);
        rig.Handler = async (e, token) =>
        {
            try
            {
                await copy(e, token);
            }
            catch (OutcomeUnknownException)
            {
                Assert.Equal(1, e.Sequence);
            }
        };
        rig.Advance(60);
        Assert.Equal([2, 3], Numbers(rig));
    }

    /// <summary>Adds each number of the ledgers to one that keeps them all.</summary>
    private static Func<EventEnvelope<LedgerEvent>, CancellationToken, Task> CopyWith(SubscriptionRig rig) => (e, token) => e.Entity.Key == "copy"
        ? Task.CompletedTask
        : rig.Node.Host.AskAsync(EntityId.Create("ledger", "copy"), new Add(((Added)e.Event).Number), new AskOptions { CommandId = e.CommandId }, token);

    private static int[] Numbers(SubscriptionRig rig) =>
        [.. rig.Node.Do<Ledger, System.Collections.Immutable.ImmutableArray<int>>("ledger", "copy", new GetNumbers())];
}
