using FsCheck;
using FsCheck.Fluent;

namespace ActorGrid.Failover.Tests;

public sealed class CounterTests
{
    [Fact]
    public void The_ledger_is_the_set_of_what_was_added() => Prop.ForAll(
        ArbMap.Default.ArbFor<int[]>().Filter(a => a.All(n => Math.Abs((long)n) < 100)),
        numbers =>
        {
            var ledger = Sample.LedgerOf(numbers);
            Assert.Equal(numbers.Length, ledger.Version);
            Assert.Equal(numbers.Length - numbers.Distinct().Count(), ledger.Doubled);
            Assert.Equal(numbers.Distinct().Order(), ledger.Numbers.SelectMany(r => Enumerable.Range(r.First, r.Last - r.First + 1)));
            Assert.All(ledger.Numbers.Zip(ledger.Numbers.Skip(1)), pair => Assert.True(pair.First.Last + 1 < pair.Second.First));
            for (int n = -101; n <= 101; n++) Assert.Equal(numbers.Contains(n), NumberSet.Contains(ledger.Numbers, n));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Answers_name_the_version_that_they_rest_on_and_who_decided()
    {
        var counter = new Counter();
        Assert.Equal(new Reading(3, Environment.ProcessId), counter.Decide(Sample.LedgerOf(1, 2), new Add(3)).Reply);
        Assert.Equal(new Reading(2, Environment.ProcessId), counter.Decide(Sample.LedgerOf(1, 2), new Read()).Reply);
    }
}
