using static ActorGrid.Failover.Tests.Sample;

namespace ActorGrid.Failover.Tests;

public sealed class FiguresTests
{
    [Theory]
    [InlineData(50, 5)]
    [InlineData(99, 10)]
    [InlineData(10, 1)]
    [InlineData(100, 10)]
    public void Quantiles_are_values_that_were_measured(double percent, int expected) => Assert.Equal(expected, Quantile.Of([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], percent));

    [Fact]
    public void A_spread_is_least_middle_and_most()
    {
        Assert.Equal(new Spread(1, 2, 9), Spread.Of([9, 1, 2]));
        Assert.Equal(new Spread(1, 2.5, 9), Spread.Of([9, 1, 2, 3]));
        Assert.Null(Spread.Of([1, null]));
        Assert.Null(Spread.Of([]));
    }

    [Fact]
    public void A_timeline_has_a_slice_for_all_times_and_counts_what_was_late_or_failed()
    {
        var timeline = Timeline.Of([Answered(905, 910), Answered(1_005, 1_200), Answered(1_010, 1_011), Failed(1_150, 1_152), Answered(5_000, 5_001)], Ms(1_000), Ms(200), Ms(200), Ms(100));
        Assert.Equal([-200.0, -100, 0, 100], timeline.Slices.Select(s => s.AtMs));
        Assert.Equal([0, 1, 2, 1], timeline.Slices.Select(s => s.Asks));
        Assert.Equal([1.0, 1, 0.5, 0], timeline.Slices.Select(s => s.InTime));
        Assert.Equal([0.0, 5, 195, 2], timeline.Slices.Select(s => s.MaxMs));
    }

    [Fact]
    public void A_run_counts_from_the_fault_on_and_compares_with_before()
    {
        var run = Run(awayMs: 1_500);
        Assert.Equal((100, 0, 5), (run.Asks, run.Failed, run.OverOneSecond));
        Assert.Equal((2.0, 1_500.0, 50), (run.Before.Max, run.After.Max, run.After.Count));
        Assert.True(run.Proof.IsClean);
    }

    [Fact]
    public void A_bar_holds_at_the_median_and_at_worst()
    {
        Assert.True(Result(Run(100), Run(200), Run(599)).Holds);
        Assert.True(Result(Run(0)).Holds);
        Assert.False(Result(Run(100), Run(301), Run(302)).Holds);
        Assert.False(Result(Run(100), Run(200), Run(601)).Holds);
        Assert.Null(Result().Holds);
        Assert.False(new Bar(P999Ms: 250).Holds([Run(100), Run(251)]));
    }

    [Fact]
    public void No_bar_holds_over_a_failed_request_or_a_lost_write()
    {
        var asks = new AskLog([Failed(5_000, 5_010), Answered(5_020, 5_030)], ["timed out"]);
        Assert.False(Result(RunResult.Of(asks, [LedgerOf()], Ms(5_000), Ms(1_000))).Holds);
        var lost = new AskLog([Answered(5_020, 5_030, number: 1)], []);
        Assert.False(Result(RunResult.Of(lost, [LedgerOf()], Ms(5_000), Ms(1_000))).Holds);
    }
}
