using ActorGrid.Jobs.Tests.Pure;

namespace ActorGrid.Jobs.Tests.Sharing;

/// <summary>The parts of a job run on the free workers of all nodes.</summary>
public class SharingTests
{
    [Fact]
    public void Parts_run_on_all_nodes_at_a_time_as_many_as_there_are_workers()
    {
        var rig = new GridRig();
        var a = rig.Add("a", workers: 2);
        rig.Add("b", workers: 3);
        rig.Add("c", workers: 1);
        var script = new Steered();
        var job = rig.Submit(a, 20, script);
        rig.Run();
        Assert.Equal(6, script.Under.Count());
        script.Under.First().Gate.SetResult();
        rig.Run();
        Assert.Equal(6, script.Under.Count());
        script.Free();
        Assert.Equal(Script.Result(20), rig.Result(a, job));
        Assert.Equal(20, script.Ran.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(300)]
    public void The_result_is_that_of_the_parts_in_order(int parts)
    {
        var rig = new GridRig();
        var a = rig.Add("a");
        for (int i = 0; i < 4; i++) rig.Add($"n{i}", workers: 2);
        var script = new Script();
        var job = rig.Submit(a, parts, script, "j");
        Assert.Equal(Script.Result(parts), rig.Result(a, job));
        Assert.Equal(Enumerable.Range(0, parts), script.Ran.Order());
        Assert.Equal(parts, rig.History("j").Count(name => name == "done"));
    }

    [Fact]
    public void A_node_that_comes_later_helps()
    {
        var rig = new GridRig();
        var a = rig.Add("a");
        var script = new Steered();
        rig.Submit(a, 5, script);
        rig.Run();
        Assert.Single(script.Under);
        rig.Add("b", workers: 2);
        rig.Await(() => script.Under.Count() == 3, "b helps", 5);
    }

    [Fact]
    public void Jobs_of_two_nodes_share_the_workers_of_both()
    {
        var rig = new GridRig();
        var a = rig.Add("a", workers: 4);
        var b = rig.Add("b", workers: 4);
        var first = new Steered();
        rig.Submit(a, 100, first);
        rig.Run();
        Assert.Equal(8, first.Under.Count());
        // The second job is in hand on b, since its shards move there.
        rig.Move(b);
        rig.Await(() => first.Under.Count() == 8, "the first job runs on both nodes again", 10);
        var second = new Steered();
        rig.Submit(b, 100, second);
        rig.Run();
        for (int i = 0; i < 8; i++)
        {
            first.Under.First().Gate.SetResult();
            rig.Run();
        }
        Assert.InRange(second.Under.Count(), 3, 5);
        first.Free();
        second.Free();
        rig.Run();
    }

    [Fact]
    public void A_part_that_fails_on_another_node_is_tried_again_and_the_failure_names_that_node()
    {
        var rig = new GridRig();
        var a = rig.Add("a", workers: 1, new JobOptions { AttemptsMax = 2 });
        rig.Add("b", workers: 1, new JobOptions { AttemptsMax = 2 });
        var script = new Steered();
        var job = rig.Submit(a, 2, script);
        rig.Run();
        var result = rig.Begin(a, () => job.ResultAsync());
        script.Of(1).Gate.SetException(new IOException("bad luck"));
        rig.Await(() => script.Runs.Count == 3, "it is tried again", 5);
        Assert.Equal(2, script.Of(1).Context.Attempt);
        script.Of(1).Gate.SetException(new IOException("worse luck"));
        rig.Await(() => result.IsCompleted, "the job has failed");
        var failed = Assert.IsType<JobFailedException>(result.Exception?.InnerException);
        Assert.Equal(("b", 1, 2), (failed.Failure.Node, failed.Failure.Part, failed.Failure.Attempt));
        Assert.Contains("worse luck", failed.Failure.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public void Cancel_is_prompt_on_all_nodes()
    {
        var rig = new GridRig();
        var a = rig.Add("a");
        var b = rig.Add("b", workers: 2);
        var script = new Steered();
        var job = rig.Submit(a, 10, script);
        rig.Run();
        var runs = script.Under.ToList();
        Assert.Equal(3, runs.Count);
        var cancelled = rig.Begin(b, () => job.CancelAsync());
        rig.Run();
        Assert.True(cancelled.IsCompletedSuccessfully);
        Assert.All(runs, run => Assert.True(run.Gate.Task.IsCanceled));
        var other = new Steered();
        rig.Submit(a, 10, other);
        rig.Run();
        Assert.Equal(3, other.Under.Count());
    }

    [Fact]
    public void A_part_that_takes_too_long_on_another_node_is_cancelled_there()
    {
        var rig = new GridRig();
        var options = new JobOptions { PartTimeout = TimeSpan.FromSeconds(5), AttemptsMax = 2 };
        var a = rig.Add("a", options: options);
        rig.Add("b", options: options);
        var script = new Steered();
        rig.Submit(a, 2, script);
        rig.Run();
        var late = script.Of(1);
        script.Of(0).Gate.SetResult();
        rig.Await(() => late.Gate.Task.IsCanceled, "it is cancelled", 6);
        rig.Await(() => script.Of(1) != late, "it is tried again", 2);
    }

    [Fact]
    public void Large_results_come_in_pieces()
    {
        var rig = new GridRig();
        var a = rig.Add("a");
        rig.Add("b", workers: 4);
        // Two bytes a character in this codec: from just within a message to several pieces.
        int[] lengths = [JobWire.PieceBytesMax / 2, (JobWire.PieceBytesMax / 2) + 1, 1_300_000, 5, 2_000_000];
        var script = new Steered { Partial = part => new string((char)('a' + part), lengths[part]) };
        var job = rig.Submit(a, lengths.Length, script);
        rig.Run();
        script.Free();
        Assert.Equal($"[{string.Concat(lengths.Select((length, part) => new string((char)('a' + part), length)))}]", rig.Result(a, job));
        Assert.Contains(rig.Net.Sent, sent => sent.Message is ResultPiece);
        Assert.All(rig.Net.Sent, sent => Assert.True(sent.Message is not ResultPiece { Bytes.Length: > JobWire.PieceBytesMax }));
    }

    [Fact]
    public void A_slow_store_slows_down_all_nodes_and_does_not_fill_the_memory()
    {
        var rig = new GridRig();
        var a = rig.Add("a", runner: new JobRunnerOptions { RecordingMax = 3 });
        rig.Add("b", workers: 4);
        var script = new Steered();
        var job = rig.Submit(a, 100, script);
        rig.Run();
        Assert.Equal(5, script.Under.Count());
        script.Free();
        Assert.Equal(Script.Result(100), rig.Result(a, job));
    }
}
