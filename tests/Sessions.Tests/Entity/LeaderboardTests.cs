using ActorGrid.Persistence;
using ActorGrid.Testing;

namespace Sessions.Tests;

/// <summary>Who has spent most.</summary>
public sealed class LeaderboardTests
{
    [Fact]
    public void The_ten_that_have_spent_most_are_kept_in_order()
    {
        var board = Enumerable.Range(1, 30).OrderBy(i => i * 7 % 30).Aggregate(Board.Empty, (board, i) => board.With($"s{i}", i * 100));
        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"s{30 - i}"), board.Ranks.Select(rank => rank.Session));
        Assert.Equal("1. s30 30.00, 2. s29 29.00, 3. s28 28.00", board.ToString());
    }

    [Fact]
    public void A_total_that_comes_again_or_late_changes_nothing_and_is_not_written()
    {
        var entity = new Leaderboard();
        var board = entity.Replay(new Placed("a", 5), new Placed("b", 7));
        foreach (var old in new[] { new Place("a", 5), new Place("a", 3) })
        {
            Assert.Empty(entity.Decide(board, old).Events);
        }
        Assert.Equal(["a", "b"], entity.Replay(new Placed("a", 5), new Placed("b", 7), new Placed("a", 8)).Ranks.Select(rank => rank.Session));
    }

    [Fact]
    public void It_follows_the_purchases_of_all_sessions_whatever_befalls_the_grid() => SimulatedGrid.RunSeeds(
        3,
        new SimulatedGridOptions { Configure = SessionGrid.Configure, Faults = new SimulationFaults { Kills = 10, Leaves = 5, StoreAnswersLost = 0.01 } },
        async grid =>
        {
            var patient = new AskOptions { Timeout = TimeSpan.FromMinutes(1) };
            var expected = Board.Empty;
            for (int i = 1; i <= 40; i++)
            {
                string session = $"s{i % 12}";
                await grid.Entity<Session>(session).AskAsync(new Purchase(i, "tea", i * 10), patient);
                expected = expected.With(session, (await grid.Entity<Session>(session).AskAsync(new GetSummary(), patient)).Cents);
                await grid.DelayAsync(TimeSpan.FromMilliseconds(100));
            }
            await grid.CalmAsync();
            while (await grid.Entity<Leaderboard>(Leaderboard.Key).AskAsync(new GetBoard(), patient) != expected) await grid.DelayAsync(TimeSpan.FromSeconds(1));
        });
}
