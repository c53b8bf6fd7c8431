using System.Diagnostics;
using ActorGrid.Persistence;
using ActorGrid.Testing;

namespace Sessions.Tests;

/// <summary>The timer of a session on a grid whose clock the test turns.</summary>
public sealed class ExpiryTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly TemporaryDirectory _directory = new();
    private readonly ManualClock _clock = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly Random _random = new(1);
    private long _number;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_session_expires_by_its_timer_and_comes_back_with_a_new_visit()
    {
        await using var grid = await SessionGrid.StartAsync(_directory.Path, _clock);
        await ViewAsync(grid);
        _clock.Advance(Session.Inactivity - TimeSpan.FromMinutes(1));
        await ViewAsync(grid);

        // The reminder finds that activity and is set for the rest of the time.
        _clock.Advance(TimeSpan.FromMinutes(2));
        Assert.True((await grid.QueryAsync("alice")).Active);
        await AdvanceUntilExpiredAsync(grid);

        await ViewAsync(grid);
        var summary = await grid.QueryAsync("alice");
        Assert.Equal((true, 2, 3L), (summary.Active, summary.Visits, summary.Views));
    }

    [Fact]
    public async Task A_timer_that_comes_due_while_the_grid_is_down_fires_at_its_next_start()
    {
        await using (var grid = await SessionGrid.StartAsync(_directory.Path, _clock)) await ViewAsync(grid);
        _clock.Advance(Session.Inactivity + TimeSpan.FromMinutes(1));

        await using var again = await SessionGrid.StartAsync(_directory.Path, _clock);

        await AdvanceUntilExpiredAsync(again);
    }

    private Task ViewAsync(SessionGrid grid) =>
        grid.SendAsync(new Planned(CommandId.New(_clock.GetUtcNow(), _random), "alice", new PageView(++_number, "/"))).WaitAsync(Patience);

    /// <summary>Turns the clock on, since the grid sets its timers meanwhile, until the session has expired.</summary>
    private async Task AdvanceUntilExpiredAsync(SessionGrid grid)
    {
        var watch = Stopwatch.StartNew();
        while ((await grid.QueryAsync("alice").WaitAsync(Patience)).Active)
        {
            Assert.True(watch.Elapsed < Patience, "The session has not expired.");
            _clock.Advance(TimeSpan.FromSeconds(10));
        }
    }
}
