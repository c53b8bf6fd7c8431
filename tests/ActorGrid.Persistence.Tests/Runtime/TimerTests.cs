using ActorGrid.Testing;

namespace ActorGrid.Persistence.Tests;

public sealed class TimerTests
{
    private readonly Rig _rig = LedgerRig.New();

    [Fact]
    public void A_reminder_comes_when_it_is_due_and_once()
    {
        _rig.Do("ledger", "a", new AddLater("x", 1, TimeSpan.FromSeconds(10)));
        _rig.Advance(TimeSpan.FromSeconds(9));
        Assert.Empty(_rig.Numbers());
        _rig.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([1], _rig.Numbers());
        _rig.Advance(TimeSpan.FromMinutes(5));

        Assert.Equal([1], _rig.Numbers());
        Assert.Equal(["$timer-set", "$timer-fired", "added"], _rig.History("ledger", "a").Select(e => e.Manifest));
    }

    [Fact]
    public void A_reminder_that_came_due_while_the_process_was_down_comes_after_its_start()
    {
        _rig.Do("ledger", "a", new AddLater("x", 1, TimeSpan.FromSeconds(10)));
        _rig.Clock.Advance(TimeSpan.FromHours(1));
        _rig.Restart();
        _rig.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal([1], _rig.Numbers());
    }

    [Fact]
    public void A_reminder_called_off_does_not_come_and_one_set_anew_comes_later()
    {
        _rig.Do("ledger", "a", new AddLater("x", 1, TimeSpan.FromSeconds(10)));
        _rig.Do("ledger", "a", new AddLater("y", 2, TimeSpan.FromSeconds(10)));
        _rig.Do("ledger", "a", new CallOff("x"));
        _rig.Do("ledger", "a", new AddLater("y", 3, TimeSpan.FromSeconds(20)));
        _rig.Advance(TimeSpan.FromSeconds(15));
        Assert.Empty(_rig.Numbers());
        _rig.Advance(TimeSpan.FromSeconds(15));

        Assert.Equal([3], _rig.Numbers());
    }

    [Theory]
    [InlineData(AppendFault.LoseAppend)]
    [InlineData(AppendFault.LoseAnswer)]
    [InlineData(AppendFault.CommitLate)]
    [InlineData(AppendFault.Refuse)]
    [InlineData(AppendFault.RefuseForGood)]
    public void A_firing_whose_commit_fails_takes_effect_once(AppendFault fault)
    {
        _rig.Do("ledger", "a", new AddLater("x", 1, TimeSpan.FromSeconds(10)));
        _rig.Script(fault);
        _rig.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal([1], _rig.Numbers());
    }

    [Fact]
    public void A_firing_whose_process_dies_takes_effect_once()
    {
        _rig.Do("ledger", "a", new AddLater("x", 1, TimeSpan.FromSeconds(10)));
        _rig.Script(AppendFault.HoldAnswer);
        _rig.Advance(TimeSpan.FromSeconds(10));
        _rig.Restart();
        _rig.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal([1], _rig.Numbers());
    }

    [Fact]
    public void A_reminder_waits_for_a_store_that_cannot_be_read_and_for_little_more()
    {
        _rig.Do("ledger", "a", new AddLater("x", 1, TimeSpan.FromSeconds(10)));
        // The index is read again after an append of unknown outcome.
        _rig.Script(AppendFault.LoseAnswer);
        _rig.Store.OnCall = call => call == StoreCall.Read ? CallFault.Fail : CallFault.None;
        _ = _rig.Add(5);
        _rig.Advance(TimeSpan.FromSeconds(12));
        _rig.Store.OnCall = _ => CallFault.None;
        _rig.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal([5, 1], _rig.Numbers());
    }

    [Fact]
    public void Many_reminders_come_though_few_fit_in_memory()
    {
        var rig = LedgerRig.New(host: new EntityHostOptions { TimersInMemoryPerShardMax = 5 });
        for (int i = 0; i < 400; i++) rig.Do("ledger", $"k{i}", new AddLater("x", i, TimeSpan.FromSeconds(10 + (i % 7))));
        rig.Restart();
        rig.Advance(TimeSpan.FromSeconds(30));

        for (int i = 0; i < 400; i++) Assert.Equal([i], rig.Numbers($"k{i}"));
    }

    [Fact]
    public void Timers_outlive_snapshots()
    {
        var rig = LedgerRig.New(new EntityOptions { SnapshotEvery = 1 });
        rig.Do("ledger", "a", new AddLater("x", 1, TimeSpan.FromSeconds(10)));
        rig.Do("ledger", "a", new AddLater("y", 2, TimeSpan.FromSeconds(20)));
        rig.Restart();
        rig.Do("ledger", "a", new CallOff("x"));
        rig.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal([2], rig.Numbers());
    }
}
