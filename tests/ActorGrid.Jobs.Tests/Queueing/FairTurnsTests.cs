using FsCheck;
using FsCheck.Fluent;

namespace ActorGrid.Jobs.Tests.Queueing;

public class FairTurnsTests
{
    private static readonly JobPriority[] Priorities = [JobPriority.High, JobPriority.Normal, JobPriority.Low];
    private readonly FairTurns<Job> _turns = new(static job => job.InHand);

    [Fact]
    public void Nothing_comes_of_nothing() => Assert.Null(Next());

    [Fact]
    public void A_submitter_with_one_job_gets_as_much_as_one_with_a_thousand()
    {
        for (int i = 0; i < 1000; i++) Add(JobPriority.Normal, "many");
        var single = Add(JobPriority.Normal, "single");
        for (int i = 0; i < 100; i++) Next();
        Assert.Equal(50, single.InHand);
    }

    [Fact]
    public void The_jobs_of_a_submitter_take_turns()
    {
        List<Job> jobs = [Add(JobPriority.Normal, "a"), Add(JobPriority.Normal, "a"), Add(JobPriority.Normal, "a")];
        for (int i = 0; i < 9; i++) Next();
        Assert.All(jobs, job => Assert.Equal(3, job.InHand));
    }

    [Fact]
    public void A_higher_priority_goes_first_and_leaves_a_tenth_to_each_lower_one()
    {
        List<Job> jobs = [Add(JobPriority.Low, "a"), Add(JobPriority.Normal, "b"), Add(JobPriority.High, "c")];
        for (int i = 0; i < 8; i++) Assert.Same(jobs[2], Next());
        for (int i = 8; i < 1000; i++) Next();
        Assert.Equal([100, 100, 800], jobs.Select(job => job.InHand));
    }

    [Fact]
    public void Long_pieces_of_one_do_not_come_to_hold_all_workers()
    {
        var (slow, quick) = (Add(JobPriority.Normal, "slow"), Add(JobPriority.Normal, "quick"));
        int served = 0;
        // Four workers: pieces of the one never end, those of the other at once.
        for (int i = 0; i < 100; i++)
        {
            Next();
            if (slow.InHand + quick.InHand < 4) continue;
            quick.InHand--;
            served++;
        }
        Assert.Equal((2, 97), (slow.InHand, served));
    }

    [Fact]
    public void Who_has_nothing_at_the_moment_loses_no_turn_for_it()
    {
        var (low, high) = (Add(JobPriority.Low, "a"), Add(JobPriority.High, "b"));
        low.Pieces = 0;
        for (int i = 0; i < 20; i++) Assert.Same(high, Next());
        low.Pieces = 100;
        Assert.Same(low, Next());
        Assert.Same(high, Next());
    }

    /// <summary>Jobs come, have work or not, and their pieces end at any time. Whatever happens: the work that there is is given out, none waits longer than it may, and shares are even.</summary>
    [Fact]
    public void No_priority_waits_for_more_than_ten_pieces_and_no_submitter_has_less_than_another_had_when_it_was_served() => Prop.ForAll(
        ArbMap.Default.ArbFor<int>().Generator.ListOf(300).ToArbitrary(),
        moves =>
        {
            var turns = new FairTurns<Job>(static job => job.InHand);
            var jobs = new List<Job>();
            int[] waited = new int[3];
            foreach (int move in moves)
            {
                uint at = (uint)move / 4;
                if (move % 4 == 0 || jobs.Count == 0)
                {
                    var job = new Job(new JobRank(Priorities[at % 3], $"s{at / 3 % 4}")) { Pieces = 1 + (int)(at % 7) };
                    jobs.Add(job);
                    turns.Add(job.Rank, job);
                }
                else if (move % 4 == 1)
                {
                    var job = jobs[(int)(at % (uint)jobs.Count)];
                    if (job.InHand > 0) job.InHand--;
                }
                else if (move % 4 == 2 && at % 5 == 0)
                {
                    var job = jobs[(int)(at % (uint)jobs.Count)];
                    jobs.Remove(job);
                    turns.Remove(job.Rank, job);
                }
                else if (!IsFair(turns, jobs, waited))
                {
                    return false;
                }
            }
            while (jobs.Exists(job => job.Pieces > 0))
            {
                if (!IsFair(turns, jobs, waited)) return false;
            }
            return turns.Next(static job => job.TryTake()) is null;
        }).QuickCheckThrowOnFailure();

    private static bool IsFair(FairTurns<Job> turns, List<Job> jobs, int[] waited)
    {
        var loads = jobs.GroupBy(job => job.Rank).ToDictionary(rank => rank.Key, rank => rank.Sum(job => job.InHand));
        var hungry = jobs.Where(job => job.Pieces > 0).Select(job => job.Rank).ToHashSet();
        var served = turns.Next(static job => job.TryTake());
        if (served is null) return hungry.Count == 0;
        for (int i = 0; i < 3; i++)
        {
            bool waits = Priorities[i] != served.Rank.Priority && hungry.Any(rank => rank.Priority == Priorities[i]);
            waited[i] = waits ? waited[i] + 1 : 0;
            // Two may be due at once.
            if (waited[i] > FairTurns<Job>.PassedMax + 2) return false;
        }
        return hungry.Where(rank => rank.Priority == served.Rank.Priority).All(rank => loads[rank] >= loads[served.Rank]);
    }

    private Job Add(JobPriority priority, string submitter)
    {
        var job = new Job(new JobRank(priority, submitter)) { Pieces = int.MaxValue };
        _turns.Add(job.Rank, job);
        return job;
    }

    private Job? Next() => _turns.Next(static job => job.TryTake());

    internal sealed class Job(JobRank rank)
    {
        public JobRank Rank => rank;

        public int Pieces { get; set; }

        public int InHand { get; set; }

        public Job? TryTake()
        {
            if (Pieces == 0) return null;
            Pieces--;
            InHand++;
            return this;
        }
    }
}
