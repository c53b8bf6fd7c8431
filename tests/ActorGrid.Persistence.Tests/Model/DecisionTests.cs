namespace ActorGrid.Persistence.Tests;

public sealed class DecisionTests
{
    private readonly Account _account = new();

    [Fact]
    public void A_decision_spells_out_events_state_reply_and_reminders()
    {
        var at = new CommandContext(EntityId.Create("account", "alice"), DateTimeOffset.UnixEpoch.AddDays(1), default);

        var decision = _account.Decide(5m, new Deposit(10m), at);

        Assert.Equal([new Deposited(10m)], decision.Events);
        Assert.Equal(15m, decision.State);
        Assert.Equal(15m, decision.Reply);
        Assert.Null(decision.Rejection);
        Assert.Equal([new Reminder("idle", at.Now.AddDays(30), new GetBalance())], decision.Reminders);
    }

    [Fact]
    public void A_rejection_carries_its_reason_and_changes_nothing()
    {
        var decision = _account.Decide(5m, new Deposit(-1m));

        Assert.Equal("The amount must be positive.", decision.Rejection);
        Assert.Empty(decision.Events);
        Assert.Equal(5m, decision.State);
    }

    [Fact]
    public void An_answer_persists_nothing() => Assert.Empty(_account.Decide(5m, new GetBalance()).Events);

    [Fact]
    public void A_history_adds_up_to_a_state() => Assert.Equal(7m, _account.Replay(new Deposited(3m), new Deposited(4m)));
}
