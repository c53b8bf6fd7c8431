using ActorGrid.Actors;
using ActorGrid.Jobs.Tests.Pure;
using ActorGrid.Jobs.Tests.Sharing;
using ActorGrid.Persistence;

namespace ActorGrid.Jobs.Tests.Running;

/// <summary>Priorities, submitters and quotas, with a node that has one worker.</summary>
public class QueueTests
{
    private readonly List<string> _ran = [];

    [Fact]
    public void An_urgent_job_goes_first_also_after_a_restart()
    {
        var rig = new JobRig(runner: new JobRunnerOptions { Workers = 1 });
        var first = new Steered();
        Submit(rig, "first", 1, new SubmitOptions { Id = "first", Priority = JobPriority.High }, first);
        rig.Run();
        Submit(rig, "low", 3, new SubmitOptions { Id = "low", Priority = JobPriority.Low });
        Submit(rig, "normal", 3, new SubmitOptions { Id = "normal", Submitter = "me" });
        Submit(rig, "high", 3, new SubmitOptions { Id = "high", Priority = JobPriority.High });
        var status = rig.Run(() => rig.Find("low").StatusAsync());
        Assert.Equal((JobPriority.Low, null), (status.Priority, status.Submitter));
        Assert.Empty(_ran);

        first.IsFree = true;
        rig.Restart();
        // Loading and splitting are pieces, too, so a tenth goes to a lower priority meanwhile.
        Assert.Equal(["high", "high", "high", "normal"], _ran.Take(4));
        Assert.Equal(9, _ran.Count);
        Assert.Equal("low", _ran[^1]);
        status = rig.Run(() => rig.Find("normal").StatusAsync());
        Assert.Equal((JobPriority.Normal, "me"), (status.Priority, status.Submitter));
        Assert.Equal(JobPriority.High, rig.Run(() => rig.Find("high").StatusAsync()).Priority);
    }

    [Fact]
    public void A_single_job_does_not_wait_behind_the_thousand_of_another_submitter()
    {
        var rig = new JobRig(runner: new JobRunnerOptions { Workers = 1, JobsMax = 4 });
        var first = new Steered();
        Submit(rig, "first", 1, new SubmitOptions { Submitter = "third" }, first);
        rig.Run();
        for (int i = 0; i < 1000; i++) Submit(rig, "many", 2, new SubmitOptions { Submitter = "many" });
        Submit(rig, "single", 10, new SubmitOptions { Submitter = "single" });
        rig.Run();
        first.Free();
        rig.Run();
        Assert.Equal(2010, _ran.Count);
        // Loading and splitting take their turns, too.
        Assert.InRange(_ran.LastIndexOf("single"), 9, 30);
    }

    [Fact]
    public void A_job_too_many_is_refused_leaves_no_trace_and_is_taken_when_another_has_ended()
    {
        var rig = new JobRig(runner: new JobRunnerOptions { Workers = 4, JobsOpenMax = 3, JobsOpenPerSubmitterMax = 2 });
        var (first, second) = (new Steered(), new Steered());
        Submit(rig, "first", 1, new SubmitOptions { Id = "1", Submitter = "a" }, first);
        Submit(rig, "second", 1, new SubmitOptions { Id = "2", Submitter = "a" }, second);
        var refusal = Refused(rig, "3", "a");
        Assert.Equal(("job/sum/3", nameof(JobRunnerOptions.JobsOpenPerSubmitterMax), 2), (refusal.Target, refusal.Option, refusal.Limit));
        Assert.InRange(refusal.RetryAfter, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(1));
        Submit(rig, "b", 1, new SubmitOptions { Id = "4", Submitter = "b" }, new Steered());
        refusal = Refused(rig, "5", "c");
        Assert.Equal((nameof(JobRunnerOptions.JobsOpenMax), 3), (refusal.Option, refusal.Limit));
        Assert.Empty(rig.History("3"));
        Assert.Empty(rig.History("5"));

        // What is there already is no submission, and a restart forgets nothing.
        Assert.Equal("1", rig.Run(() => rig.Jobs.SubmitAsync(new SumJob(1, Name(first)), new SubmitOptions { Id = "1", Submitter = "a" })).Id);
        rig.Restart();
        Refused(rig, "5", "c");
        first.Free();
        rig.Run();
        rig.Run(() => rig.Find("1").ResultAsync());
        Submit(rig, "third", 1, new SubmitOptions { Id = "3", Submitter = "a" }, new Steered());
        Assert.NotEmpty(rig.History("3"));
        Refused(rig, "5", "c");
        rig.Run(() => rig.Find("2").CancelAsync());
        Submit(rig, "fifth", 1, new SubmitOptions { Id = "5", Submitter = "c" });
    }

    [Fact]
    public void A_caller_of_an_older_version_is_told_so_that_it_cannot_take_it_for_a_success()
    {
        var rig = new JobRig(runner: new JobRunnerOptions { Workers = 1, JobsOpenMax = 1 });
        Submit(rig, "first", 1, new SubmitOptions(), new Steered());
        var command = new SubmitJob("hash", JobPolicy.Of(new JobOptions()), "{}"u8.ToArray());
        var rejection = rig.Failure<CommandRejectedException>(() => rig.Entities.AskAsync(JobAddress.Of("sum", "old"), command));
        Assert.Contains(nameof(JobRunnerOptions.JobsOpenMax), rejection.Reason, StringComparison.Ordinal);
        Assert.Empty(rig.History("old"));
    }

    [Fact]
    public void A_refusal_comes_from_the_node_of_the_job_and_moves_with_its_shard()
    {
        var rig = new GridRig();
        var runner = new JobRunnerOptions { JobsOpenMax = 2 };
        var (a, b) = (rig.Add("a", runner: runner), rig.Add("b", runner: runner));
        var script = new Steered();
        rig.Submit(b, 1, script, "1");
        rig.Submit(b, 1, script, "2");
        Assert.Equal(nameof(JobRunnerOptions.JobsOpenMax), Refused(b).Option);
        rig.Kill(a);
        rig.Move(b);
        rig.Run();
        Assert.Equal(nameof(JobRunnerOptions.JobsOpenMax), Refused(b).Option);
        script.Free();
        rig.Await(() => rig.History("1").Contains("completed"), "the first job has ended");
        rig.Submit(b, 1, script, "3");

        OverloadedException Refused(GridRig.Node node)
        {
            var submission = rig.Begin(node, () => node.Jobs.SubmitAsync(new SumJob(1), "3"));
            rig.Await(() => submission.IsCompleted, "it is refused");
            return Assert.IsType<OverloadedException>(submission.Exception?.InnerException);
        }
    }

    [Fact]
    public void Jobs_whose_shards_have_left_a_node_leave_their_places_there_to_others()
    {
        var rig = new GridRig();
        var runner = new JobRunnerOptions { JobsOpenMax = 2 };
        var (a, b) = (rig.Add("a", runner: runner), rig.Add("b", runner: runner));
        var script = new Steered();
        rig.Submit(a, 1, script, "1");
        rig.Submit(a, 1, script, "2");
        rig.Move(b);
        script.Free();
        rig.Await(() => rig.History("1").Contains("completed") && rig.History("2").Contains("completed"), "both jobs have ended, elsewhere");
        rig.Move(a);
        Assert.Equal(Script.Result(1), rig.Result(a, rig.Submit(a, 1, new Script(), "3")));
    }

    [Fact]
    public void Options_that_cannot_be_meant_are_refused()
    {
        var rig = new JobRig();
        Assert.Throws<ArgumentException>(() => Submit(new SubmitOptions { Submitter = new string('x', 101) }));
        Assert.Throws<ArgumentException>(() => Submit(new SubmitOptions { Submitter = null! }));
        Assert.Throws<ArgumentException>(() => Submit(new SubmitOptions { Priority = (JobPriority)7 }));
        Assert.Throws<ArgumentException>(() => new JobRig(runner: new JobRunnerOptions { JobsOpenMax = 0 }));
        Assert.Throws<ArgumentException>(() => new JobRig(runner: new JobRunnerOptions { JobsOpenPerSubmitterMax = 0 }));

        void Submit(SubmitOptions options) => _ = rig.Jobs.SubmitAsync(new SumJob(1), options);
    }

    private OverloadedException Refused(JobRig rig, string id, string submitter) =>
        rig.Failure<OverloadedException>(() => rig.Jobs.SubmitAsync(new SumJob(1), new SubmitOptions { Id = id, Submitter = submitter }));

    private void Submit(JobRig rig, string name, int parts, SubmitOptions options, Script? script = null) =>
        rig.Run(() => rig.Jobs.SubmitAsync(new SumJob(parts, Name(script ?? new Logged(name, _ran))), options));

    private static string Name(Script script) => Scripts.NameOf(script) ?? Scripts.Add(script);

    private sealed class Logged(string name, List<string> ran) : Script
    {
        public override ValueTask<string> RunAsync(int part, JobContext context)
        {
            ran.Add(name);
            return base.RunAsync(part, context);
        }
    }
}
