using ActorGrid.Actors;
using ActorGrid.Jobs;
using ActorGrid.Persistence;
using ActorGrid.Testing;

namespace ActorGrid.Simulation;

/// <summary>More is asked of a grid than it takes: what it refuses it refuses at once, what it has taken it keeps, and who comes back when told to gets in. That no bound is passed the nodes assert themselves.</summary>
public sealed class OverloadOnAGrid
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Callers_who_come_back_when_told_to_all_get_in_once(bool dies) => Stage.Play(
        Stage.Ledgers(shards: 2) with { EntityHost = new EntityHostOptions { CommandsPerShardMax = 4 } },
        async grid =>
        {
            int refusals = 0;
            var callers = Enumerable.Range(1, 120).Select(number => AddAsync(grid, number, () => refusals++)).ToList();
            await grid.DelayAsync(TimeSpan.FromMilliseconds(20 + grid.Random.Next(200)));
            if (dies)
            {
                var node = grid.Nodes[grid.Random.Next(grid.Nodes.Count)];
                node.Kill();
                node.BeginStart();
            }
            foreach (var caller in callers) await caller;
            Assert.InRange(refusals, 20, int.MaxValue);
            for (int ledger = 0; ledger < 3; ledger++)
            {
                int[] numbers = await grid.Entity<Ledger>($"l{ledger}").AskAsync(new List());
                Assert.Equal(Enumerable.Range(1, 120).Where(number => number % 3 == ledger), numbers.Order());
            }
        });

    [Fact]
    public void What_was_refused_has_not_happened_and_does_not_happen_later() => Stage.Play(
        Stage.Ledgers(shards: 2) with { EntityHost = new EntityHostOptions { CommandsPerShardMax = 4 } },
        async grid =>
        {
            var asks = Enumerable.Range(1, 60).Select(number => grid.Entity<Ledger>("l").AskAsync(new Add(number))).ToList();
            List<int> taken = [], unknown = [];
            for (int i = 0; i < asks.Count; i++)
            {
                try
                {
                    await asks[i];
                    taken.Add(i + 1);
                }
                catch (OverloadedException e)
                {
                    Assert.Equal(("ledger/l", 4, nameof(EntityHostOptions.CommandsPerShardMax)), (e.Target, e.Limit, e.Option));
                }
                catch (AskTimeoutException)
                {
                    // An attempt of it was lost, so it is not refused: it comes again until it gets in, or its deadline has passed.
                    unknown.Add(i + 1);
                }
            }
            Assert.InRange(taken.Count, 4, 59);
            await grid.DelayAsync(TimeSpan.FromSeconds(30));
            int[] happened = await grid.Entity<Ledger>("l").AskAsync(new List());
            Assert.Equal(taken, happened.Except(unknown).Order());
        });

    [Fact]
    public void A_quota_of_jobs_refuses_some_and_runs_all_that_it_has_taken() => Stage.Play(
        new SimulatedGridOptions
        {
            ShardCount = 4,
            Configure = grid => grid.AddJob<SumJob>("sum", SumJson.Default).Configure(options => options.JobsOpenPerSubmitterMax = 3),
            TimeLimit = TimeSpan.FromMinutes(20),
        },
        async grid =>
        {
            int refusals = 0;
            var submitters = Enumerable.Range(0, 40).Select(number => SubmitAsync(grid, number, () => refusals++)).ToList();
            await grid.DelayAsync(TimeSpan.FromMilliseconds(grid.Random.Next(300)));
            grid.Nodes[0].Kill();
            grid.Nodes[0].BeginStart();
            foreach (var submitter in submitters) await submitter;
            Assert.InRange(refusals, 1, int.MaxValue);
        },
        seeds: 3);

    private static async Task AddAsync(SimulatedGrid grid, int number, Action onRefused)
    {
        var under = new AskOptions { CommandId = CommandId.New(grid.Time.GetUtcNow(), grid.Random), Timeout = TimeSpan.FromSeconds(60) };
        while (true)
        {
            try
            {
                await grid.Entity<Ledger>($"l{number % 3}").AskAsync(new Add(number), under);
                return;
            }
            catch (OverloadedException e)
            {
                onRefused();
                Assert.InRange(e.RetryAfter, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(2));
                await grid.DelayAsync(e.RetryAfter);
            }
        }
    }

    private static async Task SubmitAsync(SimulatedGrid grid, int number, Action onRefused)
    {
        var job = new SumJob(10 + number);
        while (true)
        {
            try
            {
                var handle = await grid.SubmitAsync(job, new SubmitOptions { Id = $"j{number}", Submitter = number % 10 == 0 ? "few" : "many", Priority = (JobPriority)(number % 3 - 1) });
                Assert.Equal(job.Expected, await handle.ResultAsync());
                return;
            }
            catch (OverloadedException e)
            {
                onRefused();
                Assert.Equal(nameof(GridOptions.JobsOpenPerSubmitterMax), e.Option);
                await grid.DelayAsync(e.RetryAfter);
            }
        }
    }
}
