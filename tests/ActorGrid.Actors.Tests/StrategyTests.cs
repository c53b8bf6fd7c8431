using FsCheck;
using FsCheck.Fluent;

namespace ActorGrid.Actors.Tests;

/// <summary>The decision apart from the actors.</summary>
public sealed class StrategyTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Never_more_restarts_in_any_window_than_allowed() =>
        Prop.ForAll(
            ArbMap.Default.ArbFor<PositiveInt>(), ArbMap.Default.ArbFor<PositiveInt>(), ArbMap.Default.ArbFor<NonNegativeInt[]>(),
            (max, window, gaps) =>
            {
                var strategy = new SupervisionStrategy { RestartsMax = max.Get % 5, Window = TimeSpan.FromSeconds(1 + (window.Get % 20)) };
                var random = new Random(1);
                RestartHistory history = RestartHistory.Empty;
                var restarts = new List<DateTimeOffset>();
                DateTimeOffset now = Start;
                foreach (NonNegativeInt gap in gaps)
                {
                    now = now.AddSeconds(gap.Get % 7);
                    SupervisionDecision decision = strategy.Decide(new InvalidOperationException(), history, now, random);
                    history = decision.History;
                    int recent = restarts.Count(at => at > now - strategy.Window);
                    if (decision.Directive != (recent < strategy.RestartsMax ? Directive.Restart : Directive.Stop)) return false;
                    if (decision.Directive == Directive.Restart) restarts.Add(now);
                }

                return true;
            }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_pause_doubles_up_to_its_maximum_and_jitter_only_shortens_it() =>
        Prop.ForAll(
            ArbMap.Default.ArbFor<NonNegativeInt>(), ArbMap.Default.ArbFor<int>(),
            (attempt, seed) =>
            {
                var backoff = new Backoff { First = TimeSpan.FromMilliseconds(10), Max = TimeSpan.FromSeconds(3), Jitter = 0.25 };
                double full = Math.Min(3000, 10 * Math.Pow(2, attempt.Get));
                double delay = backoff.Delay(attempt.Get, new Random(seed)).TotalMilliseconds;
                return delay <= full && delay >= (full * 0.75) - 0.001;
            }).QuickCheckThrowOnFailure();

    [Fact]
    public void Settings_out_of_range_are_refused_by_name()
    {
        Assert.Contains("RestartsMax", Assert.Throws<ArgumentOutOfRangeException>(() => new SupervisionStrategy { RestartsMax = -1 }).Message, StringComparison.Ordinal);
        Assert.Contains("Window", Assert.Throws<ArgumentOutOfRangeException>(() => new SupervisionStrategy { Window = TimeSpan.Zero }).Message, StringComparison.Ordinal);
        Assert.Contains("Jitter", Assert.Throws<ArgumentOutOfRangeException>(() => new Backoff { Jitter = 2 }).Message, StringComparison.Ordinal);
        Assert.Contains("First", Assert.Throws<ArgumentOutOfRangeException>(() => new Backoff { First = -TimeSpan.FromSeconds(1) }).Message, StringComparison.Ordinal);
    }
}
