using ActorGrid.Jobs.Tests.Pure;

namespace ActorGrid.Jobs.Tests.Sharing;

/// <summary>Nodes die, are cut off, stop and lose their shards in the middle of a job.</summary>
public class LossTests
{
    [Fact]
    public void What_a_dead_node_had_is_given_out_again_at_once()
    {
        var rig = new GridRig();
        var a = rig.Add("a");
        var b = rig.Add("b", workers: 2);
        rig.Add("c");
        var script = new Steered();
        var job = rig.Submit(a, 4, script, "j");
        rig.Run();
        Assert.Equal(4, script.Under.Count());
        script.Of(0).Gate.SetResult();
        rig.Run();
        rig.Kill(b);
        Assert.Equal(5, script.Runs.Count);
        script.Free();
        Assert.Equal(Script.Result(4), rig.Result(a, job));
        Assert.Equal(4, rig.History("j").Count(name => name == "done"));
        Assert.DoesNotContain("failed", rig.History("j"));
    }

    [Fact]
    public void A_part_that_goes_down_with_several_nodes_fails_as_poison_and_the_failure_names_the_node()
    {
        var rig = new GridRig();
        var options = new JobOptions { LossesMax = 3 };
        var a = rig.Add("a", options: options);
        var script = new Steered();
        var job = rig.Submit(a, 2, script);
        rig.Run();
        for (int i = 1; i <= 3; i++)
        {
            var node = rig.Add($"b{i}", options: options);
            rig.Await(() => script.Runs.Count(run => run.Context.Part == 1) == i, "part 1 is run again", 5);
            rig.Kill(node);
        }
        var result = rig.Begin(a, () => job.ResultAsync());
        rig.Await(() => result.IsCompleted, "the job has failed");
        var failed = Assert.IsType<JobFailedException>(result.Exception?.InnerException);
        Assert.Equal((1, "b3"), (failed.Failure.Part, failed.Failure.Node));
        Assert.Contains("went down 3 times", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_node_that_stops_in_order_gives_its_work_back_and_that_is_no_loss()
    {
        var rig = new GridRig();
        var options = new JobOptions { LossesMax = 1 };
        var a = rig.Add("a", options: options);
        var script = new Steered();
        var job = rig.Submit(a, 2, script, "j");
        rig.Run();
        for (int i = 1; i <= 3; i++)
        {
            var node = rig.Add($"b{i}", options: options);
            rig.Await(() => script.Runs.Count(run => run.Context.Part == 1) == i, "part 1 is run again", 5);
            rig.Stop(node);
            Assert.True(script.Of(1).Gate.Task.IsCanceled);
        }
        Assert.Equal(3, rig.History("j").Count(name => name == "returned"));
        script.Free();
        Assert.Equal(Script.Result(2), rig.Result(a, job));
    }

    [Fact]
    public void A_link_that_is_down_for_a_moment_costs_nothing()
    {
        var rig = new GridRig();
        var a = rig.Add("a");
        var b = rig.Add("b");
        var script = new Steered();
        var job = rig.Submit(a, 2, script);
        rig.Run();
        rig.Net.Cut(a.Port, b.Port);
        rig.Advance(TimeSpan.FromSeconds(2));
        script.Of(1).Gate.SetResult();
        rig.Advance(TimeSpan.FromSeconds(0.5));
        rig.Net.Mend();
        rig.Await(() => rig.Call(a, () => job.StatusAsync()).Done == 1, "what b has done is taken", 2);
        Assert.Equal(2, script.Runs.Count);
    }

    [Fact]
    public void A_node_that_is_cut_off_cancels_and_its_work_is_given_to_others_and_it_is_no_poison()
    {
        var rig = new GridRig();
        var options = new JobOptions { LossesMax = 1 };
        var a = rig.Add("a", options: options);
        var b = rig.Add("b", options: options);
        var script = new Steered();
        var job = rig.Submit(a, 2, script, "j");
        rig.Run();
        var cut = script.Of(1);
        // b reaches the owner's entity all the same, relayed by others, but only later.
        rig.Net.Cut(a.Port, b.Port);
        script.Of(0).Gate.SetResult();
        rig.Await(() => cut.Gate.Task.IsCanceled, "b cancels", 5);
        rig.Await(() => script.Of(1) != cut || rig.History("j").Contains("failed"), "it is given out again", 5);
        script.Free();
        Assert.Equal(Script.Result(2), rig.Result(a, job));
    }

    [Fact]
    public void When_the_owner_dies_the_others_cancel_and_the_next_goes_on_without_repeating_what_is_recorded()
    {
        var rig = new GridRig();
        var options = new JobOptions { LossesMax = 2 };
        var a = rig.Add("a", options: options);
        var b = rig.Add("b", workers: 2, options: options);
        rig.Add("c", workers: 2, options: options);
        var script = new Steered();
        var job = rig.Submit(b, 10, script, "j");
        rig.Run();
        foreach (var run in script.Under.Take(3).ToList()) run.Gate.SetResult();
        rig.Run();
        var under = script.Under.ToList();
        var done = script.Ran.ToList();
        Assert.Equal((5, 3), (under.Count, done.Count));
        rig.Kill(a);
        Assert.Equal(4, under.Count(run => run.Gate.Task.IsCanceled));
        rig.Move(b);
        script.Free();
        Assert.Equal(Script.Result(10), rig.Result(b, job));
        // The fifth went down with the owner, and that is a loss.
        Assert.Equal(4, rig.History("j").Count(name => name == "returned"));
        Assert.All(done, part => Assert.Equal(1, script.Ran.Count(ran => ran == part)));
    }

    [Fact]
    public void When_the_shard_moves_the_next_owner_goes_on_and_nothing_counts_as_lost()
    {
        var rig = new GridRig();
        var options = new JobOptions { LossesMax = 1 };
        var nodes = new[] { rig.Add("a", 2, options), rig.Add("b", 2, options), rig.Add("c", 2, options) };
        var script = new Steered();
        var job = rig.Submit(nodes[0], 20, script, "j");
        rig.Run();
        for (int i = 1; i <= 6; i++)
        {
            var before = script.Under.ToList();
            Assert.Equal(6, before.Count);
            before[0].Gate.SetResult();
            rig.Run();
            rig.Move(nodes[i % 3]);
            Assert.DoesNotContain(before[1..], run => script.Under.Contains(run));
            // Every other time there is time enough for steps to be put on record that no worker is free for.
            if (i % 2 == 0) rig.Advance(TimeSpan.FromSeconds(5));
            rig.Await(() => script.Under.Count() == 6, "all workers are at it again", 10);
        }
        script.Free();
        Assert.Equal(Script.Result(20), rig.Result(nodes[1], job));
        Assert.Equal(20, rig.History("j").Count(name => name == "done"));
        Assert.Equal(20, script.Ran.Distinct().Count());
    }

    [Fact]
    public void The_owner_stops_in_order_and_that_is_no_loss()
    {
        var rig = new GridRig();
        var options = new JobOptions { LossesMax = 1 };
        var a = rig.Add("a", 2, options);
        var b = rig.Add("b", 2, options);
        var script = new Steered();
        var job = rig.Submit(b, 6, script, "j");
        rig.Run();
        Assert.Equal(4, script.Under.Count());
        var stopped = rig.Begin(a, async () =>
        {
            await a.Host.StopAsync();
            return true;
        });
        rig.Advance(TimeSpan.FromSeconds(3));
        Assert.True(stopped.IsCompletedSuccessfully);
        Assert.Empty(script.Under);
        rig.Move(b);
        rig.Kill(a);
        script.Free();
        Assert.Equal(Script.Result(6), rig.Result(b, job));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void Whatever_messages_are_lost_the_job_ends(int seed)
    {
        var rig = new GridRig();
        var a = rig.Add("a", 1);
        rig.Add("b", 2);
        rig.Add("c", 2);
        var random = new Random(seed);
        rig.Net.OnSend = (_, _, message) => random.Next(100) switch
        {
            < 20 => TestNet.Fate.IsLost,
            < 40 => TestNet.Fate.IsNotTaken,
            _ => TestNet.Fate.Arrives,
        };
        int[] lengths = [600_000, 5, 300_000];
        var script = new Steered { Partial = part => new string((char)('a' + (part % 26)), lengths[part % 3]) };
        var job = rig.Submit(a, 12, script, "j");
        for (int i = 0; i < 200; i++)
        {
            foreach (var run in script.Under.ToList()) run.Gate.SetResult();
            rig.Advance(TimeSpan.FromSeconds(0.5));
        }
        Assert.Equal(12, rig.History("j").Count(name => name == "done"));
        Assert.Equal((12 / 3 * lengths.Sum()) + 2, rig.Result(a, job).Length);
        Assert.DoesNotContain("failed", rig.History("j"));
    }
}
