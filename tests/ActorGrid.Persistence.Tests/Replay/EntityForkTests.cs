using ActorGrid.Testing;

namespace ActorGrid.Persistence.Tests;

public sealed class EntityForkTests
{
    private static readonly PastState<decimal> Past = new(EntityId.Create("account", "alice"), 7, StoredHistory.At(7), 5m);

    [Fact]
    public void A_fork_goes_on_from_the_past_and_leaves_it_as_it_was()
    {
        var fork = EntityFork.Of(new Account(), Past);

        Assert.Equal(15m, fork.Do(new Deposit(10m)).Reply);
        Assert.Equal("The amount must be positive.", fork.Do(new Deposit(-1m)).Rejection);
        Assert.Equal(16m, fork.Do(new Deposit(1m)).State);

        Assert.Equal(16m, fork.State);
        Assert.Equal([new Deposited(10m), new Deposited(1m)], fork.Events);
        Assert.Equal(5m, fork.Past.State);
    }

    [Fact]
    public void Its_time_begins_with_the_past_and_moves_when_it_is_set()
    {
        var fork = EntityFork.Of(new Account(), Past);

        Assert.Equal(StoredHistory.At(7).AddDays(30), Assert.Single(fork.Do(new Deposit(1m)).Reminders).Due);
        fork.Now += TimeSpan.FromDays(1);
        Assert.Equal(StoredHistory.At(7).AddDays(31), Assert.Single(fork.Do(new Deposit(1m)).Reminders).Due);
    }
}
