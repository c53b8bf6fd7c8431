using FsCheck;
using FsCheck.Fluent;

namespace ActorGrid.Jobs.Tests.Queueing;

public class JobLineTests
{
    private static readonly JobRank Many = new(JobPriority.Normal, "many");

    [Fact]
    public void Jobs_of_one_submitter_come_in_their_order_as_places_become_free()
    {
        var line = new JobLine<string>(2);
        foreach (string job in (string[])["1", "2", "3"]) line.Enqueue(Many, job);
        Assert.Equal((string?[])["1", "2", null], (string?[])[line.Next(), line.Next(), line.Next()]);
        line.Leave(Many);
        Assert.Equal((string?[])["3", null], (string?[])[line.Next(), line.Next()]);
    }

    [Fact]
    public void Neither_an_urgent_job_nor_the_only_one_of_a_submitter_waits_for_the_end_of_others()
    {
        var line = new JobLine<string>(2);
        for (int i = 0; i < 1000; i++) line.Enqueue(Many, "one of many");
        while (line.Next() is not null)
        {
            // All places are taken.
        }
        line.Enqueue(Many with { Submitter = "single" }, "single");
        line.Enqueue(Many with { Priority = JobPriority.High }, "urgent");
        line.Enqueue(Many with { Submitter = "third" }, "third");
        Assert.Equal((string?[])["urgent", "single", null], (string?[])[line.Next(), line.Next(), line.Next()]);
        Assert.Equal(4, line.InTurn);
    }

    [Fact]
    public void Places_are_shared_by_submitters()
    {
        var line = new JobLine<string>(4);
        var few = Many with { Submitter = "few" };
        for (int i = 0; i < 100; i++) line.Enqueue(Many, "many");
        for (int i = 0; i < 3; i++) line.Enqueue(few, "few");
        List<string?> first = [line.Next(), line.Next(), line.Next(), line.Next()];
        Assert.Equal(2, first.Count(job => job == "few"));
        line.Leave(few);
        Assert.Equal("few", line.Next());
    }

    /// <summary>Whatever comes and goes: the bound holds, no place is left empty, nobody is lost, and who has none in turn waits only if all others' extra places are taken.</summary>
    [Fact]
    public void Places_are_bounded_and_used() => Prop.ForAll(
        ArbMap.Default.ArbFor<uint>().Generator.ListOf(200).ToArbitrary(),
        moves =>
        {
            const int places = 3;
            var line = new JobLine<object>(places);
            var inTurn = new List<JobRank>();
            var waiting = new Dictionary<JobRank, int>();
            var ranks = new Dictionary<object, JobRank>();
            foreach (uint move in moves)
            {
                var rank = new JobRank((JobPriority)((int)(move / 2 % 3) - 1), $"s{move / 6 % 3}");
                if (move % 2 == 0 || inTurn.Count == 0)
                {
                    object job = new();
                    ranks.Add(job, rank);
                    line.Enqueue(rank, job);
                    waiting[rank] = waiting.GetValueOrDefault(rank) + 1;
                }
                else
                {
                    int at = (int)(move / 2 % (uint)inTurn.Count);
                    line.Leave(inTurn[at]);
                    inTurn.RemoveAt(at);
                }
                while (line.Next() is { } next)
                {
                    inTurn.Add(ranks[next]);
                    waiting[ranks[next]]--;
                }
                bool isAnyWaiting = waiting.Any(w => w.Value > 0);
                bool hasRankNone = waiting.Any(w => w.Value > 0 && !inTurn.Contains(w.Key));
                if (inTurn.Count != line.InTurn || inTurn.Count > 2 * places) return false;
                if (isAnyWaiting && inTurn.Count < places) return false;
                if (hasRankNone && inTurn.Count < 2 * places) return false;
            }
            return true;
        }).QuickCheckThrowOnFailure();
}
