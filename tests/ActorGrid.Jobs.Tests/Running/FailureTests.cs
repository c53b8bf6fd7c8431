using ActorGrid.Actors;
using ActorGrid.Jobs.Tests.Pure;
using ActorGrid.Testing;

namespace ActorGrid.Jobs.Tests.Running;

public class FailureTests
{
    private static readonly JobOptions Options =
        new() { Backoff = new Backoff { First = TimeSpan.FromSeconds(1), Max = TimeSpan.FromMinutes(1), Jitter = 0.5 } };

    [Fact]
    public void A_part_that_fails_is_tried_again_after_a_pause_that_grows()
    {
        var rig = new JobRig(Options);
        var script = new Failing(part: 1, failures: 2);
        var job = rig.Submit(3, script, "j");
        rig.Run();
        Assert.Equal([1], script.Attempts);
        rig.Advance(TimeSpan.FromSeconds(0.4));
        Assert.Equal([1], script.Attempts);
        rig.Advance(TimeSpan.FromSeconds(0.6));
        Assert.Equal([1, 2], script.Attempts);
        rig.Advance(TimeSpan.FromSeconds(0.9));
        Assert.Equal([1, 2], script.Attempts);
        rig.Advance(TimeSpan.FromSeconds(1.1));
        Assert.Equal([1, 2, 3], script.Attempts);
        Assert.Equal(Script.Result(3), rig.Run(() => job.ResultAsync()));
        Assert.Equal(2, rig.Run(() => job.StatusAsync()).Failures);
    }

    [Fact]
    public void After_the_last_attempt_the_job_fails_and_says_why()
    {
        var rig = new JobRig(Options);
        var script = new Failing(part: 1, failures: 100);
        var job = rig.Submit(3, script, "j");
        for (int i = 0; i < 10; i++) rig.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([1, 2, 3], script.Attempts);
        var failed = rig.Failure<JobFailedException>(() => job.ResultAsync());
        Assert.Equal(
            "The job sum/j failed: part 1, attempt 3 on local: InvalidDataException: no good <- IOException: disk", failed.Message);
        Assert.Equal(1, failed.Failure.Part);
        rig.Restart();
        Assert.Equal(failed.Message, rig.Failure<JobFailedException>(() => rig.Find("j").ResultAsync()).Message);
        Assert.False(rig.HasAttachment("j", "partial/0"));
    }

    [Fact]
    public void Attempts_are_counted_on_after_a_restart()
    {
        var rig = new JobRig(Options);
        var script = new Failing(part: 0, failures: 100);
        rig.Submit(1, script, "j");
        rig.Run();
        rig.Restart();
        rig.Run();
        rig.Restart();
        rig.Run();
        Assert.Equal([1, 2, 3], script.Attempts);
        Assert.Equal(3, rig.Failure<JobFailedException>(() => rig.Find("j").ResultAsync()).Failure.Attempt);
    }

    [Fact]
    public void A_permanent_failure_is_not_tried_again()
    {
        var rig = new JobRig(Options);
        var script = new Failing(part: 1, failures: 100) { Error = new JobPartException("the file has changed", isPermanent: true) };
        var job = rig.Submit(3, script, "j");
        var failed = rig.Failure<JobFailedException>(() => job.ResultAsync());
        Assert.Equal([1], script.Attempts);
        Assert.Equal("The job sum/j failed: part 1, attempt 1 on local: the file has changed", failed.Message);
    }

    [Fact]
    public void A_split_that_fails_is_tried_again_like_a_part()
    {
        var rig = new JobRig(Options);
        var script = new FailingSplit(2);
        var job = rig.Submit(3, script, "j");
        for (int i = 0; i < 5; i++) rig.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(Script.Result(3), rig.Run(() => job.ResultAsync()));

        var hopeless = rig.Submit(3, new FailingSplit(100), "k");
        for (int i = 0; i < 5; i++) rig.Advance(TimeSpan.FromSeconds(1));
        Assert.Contains(
            "the split, attempt 3 on local: IOException: cannot list",
                rig.Failure<JobFailedException>(() => hopeless.ResultAsync()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_combination_that_fails_fails_the_job()
    {
        var rig = new JobRig(Options);
        var job = rig.Submit(2, new FailingCombine(), "j");
        Assert.Contains(
            "combining the partial results", rig.Failure<JobFailedException>(() => job.ResultAsync()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_parts_without_an_empty_value_fail_with_the_remedy()
    {
        var rig = new JobRig(more: JobType.Create<DateJob>("dates", AllDatesJson.Default));
        var job = rig.Run(() => rig.Jobs.SubmitAsync(new DateJob()));
        Assert.Contains(
            "does not override Empty()", rig.Failure<JobFailedException>(() => job.ResultAsync()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_part_that_takes_too_long_fails_and_holds_nothing_but_its_worker()
    {
        var rig = new JobRig(Options with { PartTimeout = TimeSpan.FromSeconds(10), AttemptsMax = 2 });
        var stuck = new Stuck();
        var job = rig.Submit(3, stuck, "j");
        rig.Advance(TimeSpan.FromSeconds(11));
        Assert.True(stuck.Contexts[0].CancellationToken.IsCancellationRequested);
        rig.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(2, stuck.Contexts.Count);
        Assert.Contains(
            "part 0, attempt 2 on local: TimeoutException: It took longer than its PartTimeout",
                rig.Failure<JobFailedException>(() => job.ResultAsync()).Message, StringComparison.Ordinal);

        // Both workers are held by then; one that returns is free for others, and what it brings is too late.
        var other = rig.Submit(2, id: "other");
        rig.Run();
        Assert.Equal(JobStatus.Splitting, rig.Run(() => other.StatusAsync()).Status);
        stuck.Gate.SetResult("late");
        Assert.Equal(Script.Result(2), rig.Run(() => other.ResultAsync()));
    }

    [Fact]
    public void Commits_that_fail_or_lose_their_answer_change_nothing()
    {
        for (int seed = 0; seed < 30; seed++)
        {
            var rig = new JobRig();
            var script = new Script();
            var random = new Random(seed);
            rig.Store.OnAppend = _ => (AppendFault)random.Next((int)AppendFault.CommitLate + 1);
            rig.Store.OnCall = call => call == StoreCall.Read && random.Next(4) == 0 ? CallFault.Fail : CallFault.None;
            var submitted = rig.Begin(() => rig.Jobs.SubmitAsync(new SumJob(20, Scripts.Add(script)), "j"));
            for (int i = 0; i < 200; i++) rig.Advance(TimeSpan.FromSeconds(1));
            rig.Store.OnAppend = _ => AppendFault.None;
            rig.Store.OnCall = _ => CallFault.None;
            for (int i = 0; i < 60; i++) rig.Advance(TimeSpan.FromSeconds(1));
            if (!submitted.IsCompletedSuccessfully) continue;
            Assert.Equal(Script.Result(20), rig.Run(() => rig.Find("j").ResultAsync()));
            Assert.Equal(20, script.Ran.Count);
        }
    }

    [Fact]
    public void A_result_that_cannot_be_read_for_a_moment_is_waited_for()
    {
        var rig = new JobRig();
        var job = rig.Submit(1, new Script(), "j");
        Assert.Equal(Script.Result(1), rig.Run(() => job.ResultAsync()));
        int failures = 3;
        rig.Store.OnCall = call => call == StoreCall.Read && failures-- > 0 ? CallFault.Fail : CallFault.None;
        var result = rig.Begin(() => job.ResultAsync());
        for (int i = 0; i < 10; i++) rig.Advance(TimeSpan.FromSeconds(1));
        Assert.True(result.IsCompletedSuccessfully);
        Assert.True(failures < 0);
    }

    [Fact]
    public void A_store_that_somebody_has_to_see_to_is_named_and_the_job_goes_on_later()
    {
        var rig = new JobRig();
        var gate = new TaskCompletionSource<string>();
        var job = rig.Submit(1, new GatedScript(gate), "j");
        var result = rig.Begin(() => job.ResultAsync());
        rig.Run();
        rig.Store.OnAppend = _ => AppendFault.Refuse;
        gate.SetResult("0,");
        rig.Advance(TimeSpan.FromMinutes(1));
        Assert.False(result.IsCompleted, "what passes by itself is waited out");
        rig.Store.OnAppend = _ => AppendFault.None;
        rig.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("[0,]", rig.Run(() => result));
    }

    private sealed class Failing(int part, int failures) : Script
    {
        public List<int> Attempts { get; } = [];

        public Exception Error { get; init; } = new InvalidDataException("no good", new IOException("disk"));

        public override ValueTask<string> RunAsync(int number, JobContext context)
        {
            if (number != part) return base.RunAsync(number, context);
            Attempts.Add(context.Attempt);
            return Attempts.Count <= failures ? throw Error : base.RunAsync(number, context);
        }
    }

    private sealed class FailingSplit(int failures) : Script
    {
        private int _attempts;

        public override ValueTask<IReadOnlyList<int>> SplitAsync(int parts, CancellationToken cancellationToken) =>
            ++_attempts <= failures ? throw new IOException("cannot list") : base.SplitAsync(parts, cancellationToken);
    }

    private sealed class FailingCombine : Script
    {
        public override string Combine(string left, string right) => throw new InvalidDataException("these do not fit");
    }

    private sealed class Stuck : Script
    {
        public List<JobContext> Contexts { get; } = [];

        public TaskCompletionSource<string> Gate { get; } = new();

        public override async ValueTask<string> RunAsync(int part, JobContext context)
        {
            if (part > 0) return await base.RunAsync(part, context);
            Contexts.Add(context);
            return await Gate.Task;
        }
    }

    private sealed class GatedScript(TaskCompletionSource<string> gate) : Script
    {
        public override async ValueTask<string> RunAsync(int part, JobContext context) => await gate.Task;
    }
}

[System.Text.Json.Serialization.JsonSerializable(typeof(DateJob))]
[System.Text.Json.Serialization.JsonSerializable(typeof(DateOnly))]
[System.Text.Json.Serialization.JsonSerializable(typeof(int))]
internal sealed partial class AllDatesJson : System.Text.Json.Serialization.JsonSerializerContext;
