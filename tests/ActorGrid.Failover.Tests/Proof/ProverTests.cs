using static ActorGrid.Failover.Tests.Sample;

namespace ActorGrid.Failover.Tests;

/// <summary>The prover finds each broken promise, and nothing where none is.</summary>
public sealed class ProverTests
{
    [Fact]
    public void A_sound_run_is_clean() => Assert.True(Prove(
        [
            Answered(0, 5, number: 1, version: 1), Answered(10, 12, version: 1), Answered(20, 90, number: 2, version: 2), Failed(30, 40, number: 3),
            // Sent while the second write was under way: either answer is right.
            Answered(50, 55, version: 1, owner: 1), Answered(56, 60, version: 2, owner: 2),
        ],
        LedgerOf(1, 2)).IsClean);

    [Fact]
    public void A_write_that_failed_may_be_there_or_not()
    {
        Assert.True(Prove([Failed(0, 5, number: 1)], LedgerOf()).IsClean);
        Assert.True(Prove([Failed(0, 5, number: 1)], LedgerOf(1)).IsClean);
    }

    [Fact]
    public void An_acknowledged_write_that_is_not_there_is_lost() =>
        Assert.Equal(1, Prove([Answered(0, 5, number: 1, version: 1), Answered(10, 15, number: 2, version: 2)], LedgerOf(2)).Lost);

    [Fact]
    public void A_number_that_is_there_twice_is_doubled() =>
        Assert.Equal(1, Prove([Answered(0, 5, number: 1, version: 1)], LedgerOf(1, 1)).Doubled);

    [Fact]
    public void An_answer_older_than_one_before_it_is_stale()
    {
        Ask write = Answered(0, 5, number: 1, version: 1);
        Assert.Equal(1, Prove([write, Answered(6, 7, version: 0)], LedgerOf(1)).StaleReads);
        Assert.Equal(0, Prove([write, Answered(4, 7, version: 0)], LedgerOf(1)).StaleReads);
        // What a read has shown must not go away either, nor may a write take a version that was answered.
        Assert.Equal(1, Prove([Answered(0, 1, version: 1), Answered(2, 3, version: 0)], LedgerOf()).StaleReads);
        Assert.Equal(1, Prove([write, Answered(6, 7, number: 2, version: 1)], LedgerOf(1, 2)).StaleReads);
    }

    [Fact]
    public void A_stale_answer_of_one_process_after_another_had_decided_shows_two_owners()
    {
        Ask write = Answered(0, 5, number: 1, version: 1, owner: 2);
        Assert.Equal(1, Prove([write, Answered(6, 7, version: 0, owner: 1)], LedgerOf(1)).TwoOwners);
        Assert.Equal(0, Prove([write, Answered(6, 7, version: 0, owner: 2)], LedgerOf(1)).TwoOwners);
    }

    [Fact]
    public void A_version_given_twice_shows_two_owners() =>
        Assert.Equal(1, Prove([Answered(0, 5, number: 1, version: 1, owner: 1), Answered(1, 5, number: 2, version: 1, owner: 2)], LedgerOf(1, 2)).TwoOwners);

    [Fact]
    public void Entities_are_looked_at_apart() => Assert.True(Prover.Prove(
        [Answered(0, 5, number: 1, version: 1, entity: 0), Answered(6, 7, version: 0, entity: 1)], [LedgerOf(1), LedgerOf()]).IsClean);

    [Fact]
    public void What_is_found_is_said() => Assert.Contains("number 1 was acknowledged", Prove([Answered(0, 5, number: 1, version: 1)], LedgerOf()).Examples.Single(), StringComparison.Ordinal);

    private static Proof Prove(Ask[] asks, Ledger ledger) => Prover.Prove(asks, [ledger]);
}
