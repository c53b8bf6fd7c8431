using static ActorGrid.Failover.Tests.Sample;

namespace ActorGrid.Failover.Tests;

public sealed class RecoveryTests
{
    private static readonly TimeSpan Fault = Ms(1_000);

    [Fact]
    public void Without_a_wait_nobody_was_hit()
    {
        var recovery = Recovery.Of([Answered(990, 1_200), Answered(1_010, 1_020), Answered(1_240, 1_289, number: 1)], Fault);
        Assert.Equal((0, 0, null), (recovery.Hit, recovery.NeverBack, recovery.Last));
    }

    [Fact]
    public void An_entity_is_back_when_both_a_read_and_a_write_were_answered()
    {
        var recovery = Recovery.Of([Answered(1_010, 1_100), Answered(1_250, 1_400, number: 1), Answered(1_500, 1_501)], Fault);
        Assert.Equal((1, 400.0), (recovery.Hit, recovery.Last));
    }

    [Fact]
    public void When_all_had_answered_anything_is_told_beside()
    {
        var recovery = Recovery.Of([Answered(1_010, 1_100), Answered(1_250, 1_400, number: 1), Answered(1_200, 1_240, entity: 1), Answered(1_010, 1_300, number: 1, entity: 2)], Fault);
        Assert.Equal((2, 400.0, 300.0), (recovery.Hit, recovery.Last, recovery.Answered));
        Assert.Null(Recovery.Of([Failed(1_010, 1_500)], Fault).Answered);
        Assert.Null(Recovery.Of([Answered(1_010, 1_020)], Fault).Answered);
    }

    [Fact]
    public void One_that_failed_is_followed_until_another_is_answered()
    {
        var recovery = Recovery.Of([Failed(1_010, 1_500), Answered(1_510, 1_700)], Fault);
        Assert.Equal((1, 0, 700.0), (recovery.Hit, recovery.NeverBack, recovery.Last));
    }

    [Fact]
    public void The_earliest_answer_counts_whichever_was_due_first()
    {
        var recovery = Recovery.Of([Answered(1_010, 1_300), Answered(1_200, 1_250)], Fault);
        Assert.Equal(250.0, recovery.Last);
    }

    [Fact]
    public void One_that_never_answers_leaves_no_last()
    {
        var recovery = Recovery.Of([Failed(1_010, 1_500), Answered(1_010, 1_300, entity: 1)], Fault);
        Assert.Equal((2, 1, null, 300.0), (recovery.Hit, recovery.NeverBack, recovery.Last, recovery.First));
    }

    [Fact]
    public void Entities_that_were_hit_are_ranked()
    {
        var recovery = Recovery.Of([.. Enumerable.Range(0, 100).Select(i => Answered(1_000, 1_101 + i, entity: i)), Answered(1_000, 1_001, entity: 100)], Fault);
        Assert.Equal((100, 101.0, 150.0, 199.0, 200.0), (recovery.Hit, recovery.First, recovery.Median, recovery.P99, recovery.Last));
    }
}
