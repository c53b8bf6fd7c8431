namespace ActorGrid.Persistence.Tests;

public sealed class TimerWindowTests
{
    private readonly TimerWindow _window = new(countMax: 3);

    [Fact]
    public void Timers_come_in_the_order_in_which_they_are_due()
    {
        Load();
        foreach (int due in new[] { 30, 10, 20 }) _window.Apply(Set($"t{due}", due));

        Assert.Null(_window.TakeDue(9));
        Assert.Equal("t10", _window.TakeDue(25)!.Name);
        Assert.Equal("t20", _window.TakeDue(25)!.Name);
        Assert.Null(_window.TakeDue(25));
        Assert.Equal(30, _window.NextDueUnixMs);
    }

    [Fact]
    public void Beyond_the_bound_the_latest_wait_in_the_store()
    {
        Load();
        for (int due = 10; due <= 50; due += 10) _window.Apply(Set($"t{due}", due));

        Assert.Equal(3, _window.Count);
        Assert.False(_window.IsComplete);
        for (int i = 0; i < 3; i++) Assert.NotNull(_window.TakeDue(100));
        Assert.True(_window.WantsPage);
        Assert.Equal(30, _window.BeginPage()!.Value.DueUnixMs);
    }

    [Fact]
    public void A_change_while_a_page_is_read_wins_over_the_page()
    {
        _window.BeginPage();
        _window.Apply(new TimerChange(LedgerRig.A, "gone", null));
        _window.Apply(Set("moved", 50));
        _window.EndPage([Set("gone", 10).Timer!, Set("moved", 20).Timer!], pageMax: 10);

        Assert.Equal(1, _window.Count);
        Assert.Equal(50, _window.NextDueUnixMs);
    }

    [Fact]
    public void A_timer_behind_the_window_comes_with_its_page()
    {
        _window.BeginPage();
        _window.EndPage([Set("a", 10).Timer!], pageMax: 1);
        _window.Apply(Set("late", 99));

        Assert.Equal(1, _window.Count);
    }

    [Fact]
    public void Timers_of_one_time_come_in_the_order_of_the_store()
    {
        // In UTF-16 the surrogates of the first sort before the second; in UTF-8 it is the other way round.
        TimerRecord late = Of("\U0001F600"), early = Of("\uFF21");
        _window.BeginPage();
        _window.EndPage([early], pageMax: 1);
        _window.Apply(new TimerChange(late.Entity, late.Name, late));

        Assert.Equal(1, _window.Count);
        Assert.Equal(early, _window.TakeDue(10));

        static TimerRecord Of(string key) => new(EntityId.Create("ledger", key), "x", 10, 1, "add", default);
    }

    private static TimerChange Set(string name, long due) =>
        new(LedgerRig.A, name, new TimerRecord(LedgerRig.A, name, due, 1, "add", default));

    private void Load()
    {
        _window.BeginPage();
        _window.EndPage([], pageMax: 10);
    }
}
