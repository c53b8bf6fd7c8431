using ActorGrid.Jobs.Tests.Pure;

namespace ActorGrid.Jobs.Tests.Sharing;

/// <summary>Jobs run only on nodes that have registered their type, wherever their entities live.</summary>
public class ForeignTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(6)]
    [InlineData(100)]
    public void A_job_whose_owner_does_not_know_it_is_done_by_those_who_do(int parts)
    {
        var rig = new GridRig();
        rig.Add("a", workers: 2, knowsSum: false);
        var b = rig.Add("b", workers: 2);
        rig.Add("c", knowsSum: false);
        rig.Add("d", workers: 2);
        var script = new Script();
        var job = rig.Submit(b, parts, script, "j");
        Assert.Equal(Script.Result(parts), rig.Result(b, job));
        Assert.Equal(Enumerable.Range(0, parts), script.Ran.Order());
        Assert.DoesNotContain(rig.Net.Sent, sent => sent.Message is WorkGiven && sent.To == new Guid(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3));
    }

    [Fact]
    public void It_waits_until_somebody_comes_who_knows_it()
    {
        var rig = new GridRig();
        var a = rig.Add("a", knowsSum: false);
        var client = rig.Add("client", isClient: true);
        var job = rig.Submit(client, 3);
        rig.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(JobStatus.Splitting, rig.Call(client, () => job.StatusAsync()).Status);
        rig.Add("b");
        Assert.Equal(Script.Result(3), rig.Result(client, job));
    }

    [Fact]
    public void Its_failures_are_counted_and_told()
    {
        var rig = new GridRig();
        rig.Add("a", knowsSum: false);
        var b = rig.Add("b");
        var script = new Steered();
        var job = rig.Submit(b, 1, script);
        for (int attempt = 1; attempt <= 3; attempt++)
        {
            rig.Await(() => script.Runs.Count == attempt, "it is tried", 5);
            script.Of(0).Gate.SetException(new IOException($"failure {attempt}"));
        }
        var result = rig.Begin(b, () => job.ResultAsync());
        rig.Await(() => result.IsCompleted, "the job has failed");
        Assert.Contains("failure 3", Assert.IsType<JobFailedException>(result.Exception?.InnerException).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_node_that_dies_while_it_splits_or_makes_the_result_is_no_matter()
    {
        var rig = new GridRig();
        rig.Add("a", knowsSum: false);
        var client = rig.Add("client", isClient: true);
        var script = new Slow();
        var job = rig.Submit(client, 3, script, "j");
        var b = rig.Add("b");
        rig.Await(() => script.Splits == 1, "b splits", 5);
        rig.Kill(b);
        script.MaySplit = true;
        bool hasResult = false;
        rig.Net.OnSend = (_, _, message) =>
        {
            // [0,1,2,] has two bytes a character; nothing else of this job is as long.
            if (message is not ResultReady { Length: 16 }) return TestNet.Fate.Arrives;
            hasResult = true;
            return TestNet.Fate.IsLost;
        };
        var c = rig.Add("c");
        rig.Await(() => hasResult, "c has the result", 10);
        rig.Kill(c);
        rig.Net.OnSend = static (_, _, _) => TestNet.Fate.Arrives;
        rig.Add("d");
        Assert.Equal(Script.Result(3), rig.Result(client, job));
        Assert.Equal([1, 1, 1], script.Ran.GroupBy(part => part).Select(runs => runs.Count()));
    }

    [Fact]
    public void The_owner_may_change_from_one_that_knows_it_to_one_that_does_not_and_back()
    {
        var rig = new GridRig();
        var a = rig.Add("a", workers: 2);
        var b = rig.Add("b", knowsSum: false);
        rig.Add("c", workers: 2);
        var script = new Steered();
        var job = rig.Submit(a, 12, script, "j");
        rig.Run();
        foreach (var owner in new[] { b, a, b })
        {
            script.Under.First().Gate.SetResult();
            rig.Run();
            rig.Move(owner);
            rig.Await(() => script.Under.Count() == 4, "all who know it are at it", 10);
        }
        script.Free();
        Assert.Equal(Script.Result(12), rig.Result(a, job));
        Assert.Equal(12, script.Ran.Count);
    }

    [Fact]
    public void A_node_that_cannot_read_the_job_is_passed_over()
    {
        var rig = new GridRig();
        var a = rig.Add("a");
        rig.Add("b", workers: 2, isOld: true);
        var script = new Steered();
        var job = rig.Submit(a, 6, script, "j");
        rig.Advance(TimeSpan.FromSeconds(5));
        Assert.Single(script.Under);
        int refused = rig.Net.Sent.Count(sent => sent.Message is WorkReturned { IsRefused: true });
        Assert.InRange(refused, 1, 2);
        script.Free();
        Assert.Equal(Script.Result(6), rig.Result(a, job));
        Assert.DoesNotContain("step-failed", rig.History("j"));
    }

    /// <summary>The split hangs until it may go on.</summary>
    private sealed class Slow : Script
    {
        public bool MaySplit { get; set; }

        public int Splits { get; private set; }

        public override async ValueTask<IReadOnlyList<int>> SplitAsync(int parts, CancellationToken cancellationToken)
        {
            Splits++;
            if (!MaySplit) await new TaskCompletionSource().Task;
            return await base.SplitAsync(parts, cancellationToken);
        }
    }
}
