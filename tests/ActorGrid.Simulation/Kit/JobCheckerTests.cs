using System.Text;
using ActorGrid.Persistence;
using ActorGrid.Testing;

namespace ActorGrid.Simulation.Kit;

public sealed class JobCheckerTests
{
    private static readonly EntityId Job = EntityId.Create("job", "sum/j");
    private readonly JobChecker _checker = new();

    /// <summary>It reads the journal of jobs as it is written, and not as it once was.</summary>
    [Fact]
    public void It_sees_each_part_of_a_job() => SimulatedGrid.Run(1, new() { Configure = grid => grid.AddJob<SumJob>("sum", SumJson.Default) }, async grid =>
    {
        var job = new SumJob(4);
        Assert.Equal(job.Expected, await (await grid.SubmitAsync(job)).ResultAsync());
        Assert.Equal(4, grid.JobJournal.PartsDone);
    });

    [Theory]
    [InlineData("done", """{"Part":1}""")]
    [InlineData("started", """{"Step":1}""")]
    public void What_is_done_is_neither_recorded_nor_begun_again(string manifest, string payload)
    {
        Append("started", "{}");
        Append("done", """{"Part":1}""");
        Append("started", """{"Step":2}""");
        Assert.Throws<PromiseBrokenException>(() => Append(manifest, payload));
    }

    private void Append(string manifest, string payload)
    {
        var fence = new Fence(new Epoch(1, 0), new Guid(1, 2, 3, [4, 5, 6, 7, 8, 9, 10, 11]));
        var append = new ShardAppend(new ShardId(0), fence, 0, [new JournalEvent(Job, 1, manifest, 0, Encoding.UTF8.GetBytes(payload))], [], [], []);
        _checker.OnAppend(new World(1).Outside, append, new AppendOutcome(append.Shard, AppendStatus.Committed));
    }
}
