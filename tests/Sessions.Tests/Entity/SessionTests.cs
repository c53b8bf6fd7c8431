using System.Reflection;
using System.Text.Json.Serialization;
using ActorGrid.Persistence;

namespace Sessions.Tests;

/// <summary>The entity decides and replays without a grid, a store or a clock.</summary>
public sealed class SessionTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly Session _session = new();

    [Fact]
    public void A_page_view_is_recorded()
    {
        var decision = _session.Decide(Summary.Empty, new PageView(1, "/cart"), At(Noon));

        Assert.Equal([new PageViewed(Noon, 1, "/cart")], decision.Events);
        Assert.Equal(1, decision.State.Views);
        Assert.Equal([new PageCount("/cart", 1)], decision.State.TopPages);
        Assert.Equal(Fingerprint.OfPageView(1, "/cart"), decision.State.Events);
    }

    [Fact]
    public void A_purchase_adds_to_the_total()
    {
        var state = _session.Replay(new Purchased(Noon, 1, "tea", 450), new Purchased(Noon.AddMinutes(1), 2, "cup", 1_200));

        Assert.Equal((2, 1_650, 1), (state.Purchases, state.Cents, state.Visits));
        Assert.Equal((Noon, Noon.AddMinutes(1)), (state.FirstSeen, state.LastSeen));
    }

    [Theory]
    [InlineData("tea", 0, "The amount must be positive.")]
    [InlineData("tea", -1, "The amount must be positive.")]
    [InlineData("", 100, "The SKU must have 1 to 200 characters.")]
    public void A_purchase_that_makes_no_sense_is_rejected(string sku, long cents, string reason)
    {
        var decision = _session.Decide(Summary.Empty, new Purchase(1, sku, cents), At(Noon));

        Assert.Equal(reason, decision.Rejection);
        Assert.Empty(decision.Events);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(201)]
    public void A_path_that_is_empty_or_too_long_is_rejected(int length)
    {
        var decision = _session.Decide(Summary.Empty, new PageView(1, new string('x', length)), At(Noon));

        Assert.Equal("The path must have 1 to 200 characters.", decision.Rejection);
    }

    [Fact]
    public void The_summary_is_the_state()
    {
        var state = _session.Replay(new PageViewed(Noon, 1, "/"));

        var decision = _session.Decide(state, new GetSummary(), At(Noon));

        Assert.Same(state, decision.Reply);
        Assert.Empty(decision.Events);
    }

    [Fact]
    public void The_reminder_is_set_once_a_visit()
    {
        var first = _session.Decide(Summary.Empty, new PageView(1, "/"), At(Noon));
        var second = _session.Decide(first.State, new PageView(2, "/"), At(Noon.AddMinutes(1)));

        Assert.Equal([new Reminder("expire", Noon + Session.Inactivity, new Expire())], first.Reminders);
        Assert.Empty(second.Reminders);
    }

    [Fact]
    public void A_reminder_that_finds_activity_is_set_for_the_rest_of_the_time()
    {
        var state = _session.Replay(new PageViewed(Noon, 1, "/"), new PageViewed(Noon.AddMinutes(10), 2, "/"));

        var decision = _session.Decide(state, new Expire(), At(Noon + Session.Inactivity));

        Assert.Equal([new Reminder("expire", Noon.AddMinutes(10) + Session.Inactivity, new Expire())], decision.Reminders);
        Assert.Empty(decision.Events);
        Assert.True(decision.State.Active);
    }

    [Fact]
    public void A_session_expires_after_inactivity_and_begins_a_new_visit_when_heard_of_again()
    {
        var state = _session.Replay(new PageViewed(Noon, 1, "/"));

        var expired = _session.Decide(state, new Expire(), At(Noon + Session.Inactivity));
        var back = _session.Decide(expired.State, new PageView(2, "/"), At(Noon.AddDays(1)));

        Assert.Equal([new Expired(Noon + Session.Inactivity)], expired.Events);
        Assert.False(expired.State.Active);
        Assert.Equal((2, true, 2L), (back.State.Visits, back.State.Active, back.State.Views));
        Assert.Equal([new Reminder("expire", Noon.AddDays(1) + Session.Inactivity, new Expire())], back.Reminders);
    }

    [Fact]
    public void A_reminder_that_comes_after_the_end_of_the_visit_changes_nothing()
    {
        var expired = _session.Replay(new PageViewed(Noon, 1, "/"), new Expired(Noon + Session.Inactivity));

        var decision = _session.Decide(expired, new Expire(), At(Noon.AddDays(1)));

        Assert.Empty(decision.Events);
        Assert.Empty(decision.Reminders);
    }

    [Fact]
    public void A_clock_that_goes_back_does_not_move_the_last_activity_back() =>
        Assert.Equal(Noon, _session.Replay(new PageViewed(Noon, 1, "/"), new PageViewed(Noon.AddMinutes(-5), 2, "/")).LastSeen);

    [Fact]
    public void The_state_stays_small_and_keeps_the_pages_that_matter()
    {
        var views = Enumerable.Range(0, 1_000).Select(i => new PageViewed(Noon, i, i % 3 == 0 ? "/hot" : $"/page/{i}"));

        var pages = _session.Replay(views).TopPages;

        Assert.Equal(8, pages.Count);
        Assert.InRange(pages.Single(p => p.Path == "/hot").Count, 334, 1_000);
    }

    // Fails, and says what to add, if SessionJson lacks a command, a reply or an event, or two of them share a name: as the start of the
    // program would.
    [Fact]
    public void Everything_that_is_stored_or_sent_is_registered() => EntityType.Create<Session>("session", SessionJson.Default);

    // An event without a name is found by nothing else before a session tries to store one.
    [Fact]
    public void Every_event_has_a_name_for_the_journal() => Assert.Equal(
        typeof(SessionEvent).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(SessionEvent))).Select(t => t.Name).Order(),
        typeof(SessionEvent).GetCustomAttributes<JsonDerivedTypeAttribute>().Select(a => a.DerivedType.Name).Order());

    private static CommandContext At(DateTimeOffset now) => new(EntityId.Create("session", "alice"), now, default);
}
