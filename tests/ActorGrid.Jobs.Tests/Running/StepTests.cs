using ActorGrid.Jobs.Tests.Pure;
using ActorGrid.Persistence;

namespace ActorGrid.Jobs.Tests.Running;

/// <summary>What happens in the middle of a job: it is cancelled, or its process dies, at each of its steps.</summary>
public class StepTests
{
    private const int Parts = 6;

    /// <summary>The split, each part, and after the last.</summary>
    private const int Steps = 1 + Parts + 1;

    [Fact]
    public void Cancelled_at_any_step_it_ends_at_once_and_for_good()
    {
        for (int at = 0; at < Steps; at++)
        {
            var rig = new JobRig();
            var script = new Pausing(at);
            var job = rig.Submit(Parts, script, "j");
            rig.Run();
            var cancelled = rig.Run(() => job.CancelAsync());
            Assert.Equal(at < Steps - 1 ? JobStatus.Cancelled : JobStatus.Completed, cancelled.Status);
            if (at == Steps - 1) continue;
            rig.Failure<JobCancelledException>(() => job.ResultAsync());
            int calls = script.Calls;
            script.Resume.SetResult();
            rig.Run();
            // One part more at most: the other worker's, which had begun already.
            Assert.Equal(calls, script.Calls);
            Assert.Equal(JobStatus.Cancelled, rig.Run(() => job.StatusAsync()).Status);
            Assert.Equal(Script.Result(2), rig.Run(() => rig.Submit(2, id: "other").ResultAsync()));
            rig.Restart();
            rig.Run();
            Assert.Equal(calls, script.Calls);
            rig.Failure<JobCancelledException>(() => rig.Find("j").ResultAsync());
            Assert.Single(rig.History("j"), name => name is "cancelled" or "completed" or "failed");
        }
    }

    [Fact]
    public void Killed_at_any_step_it_goes_on_and_runs_no_finished_part_again()
    {
        for (int at = 0; at < Steps; at++)
        {
            var rig = new JobRig();
            var script = new Pausing(at);
            rig.Submit(Parts, script, "j");
            rig.Run();
            int done = rig.Run(() => rig.Find("j").StatusAsync()).Done;
            var before = script.Ran.ToList();
            script.IsOver = true;
            rig.Restart();
            Assert.Equal(Script.Result(Parts), rig.Run(() => rig.Find("j").ResultAsync()));
            Assert.Equal(Parts - done, script.Ran.Count - before.Count);
            Assert.Equal(Enumerable.Range(0, Parts), script.Ran.Distinct().Order());
            Assert.Equal(Parts, rig.History("j").Count(name => name == "done"));
        }
    }

    [Fact]
    public void Killed_again_and_again_it_still_ends()
    {
        var rig = new JobRig();
        var script = new Pausing(1);
        rig.Submit(40, script, "j");
        int lives = 0;
        while (rig.Run(() => rig.Find("j").StatusAsync()).EndedAt is null)
        {
            Assert.InRange(++lives, 0, 60);
            rig.Run();
            rig.Restart();
            script.At = script.Calls + 5;
        }
        Assert.Equal(Script.Result(40), rig.Run(() => rig.Find("j").ResultAsync()));
        Assert.Equal(40, rig.History("j").Count(name => name == "done"));
    }

    [Fact]
    public void A_part_that_takes_its_process_down_fails_the_job_in_the_end()
    {
        var rig = new JobRig(new JobOptions { LossesMax = 3 });
        var script = new Poison();
        rig.Submit(4, script, "j");
        for (int i = 0; i < 10; i++)
        {
            rig.Run();
            rig.Restart();
        }
        var failed = rig.Failure<JobFailedException>(() => rig.Find("j").ResultAsync());
        Assert.Equal(2, failed.Failure.Part);
        Assert.Contains("went down 3 times", failed.Message, StringComparison.Ordinal);
        Assert.InRange(script.Runs, 3, 4);
    }

    [Fact]
    public void Parts_are_told_that_they_are_cancelled_and_what_they_register_holds_up_nobody()
    {
        var rig = new JobRig();
        var script = new Obedient();
        var job = rig.Submit(2, script, "j");
        rig.Run();
        rig.Run(() => job.CancelAsync());
        rig.Run();
        Assert.Equal(2, script.Cancelled);
        Assert.Equal(Script.Result(2), rig.Run(() => rig.Submit(2, id: "other").ResultAsync()));
    }

    [Fact]
    public void A_stop_cancels_the_parts_and_fails_those_who_wait_and_the_job_goes_on_later()
    {
        var rig = new JobRig();
        var script = new Obedient();
        var job = rig.Submit(2, script, "j");
        var result = rig.Begin(() => job.ResultAsync());
        rig.Run();
        rig.Dispatcher.Run(rig.StopAsync);
        rig.Dispatcher.Run(rig.StopAsync);
        Assert.Equal(2, script.Cancelled);
        Assert.IsType<ObjectDisposedException>(result.Exception?.InnerException);
        rig.Dispatcher.Run(() => rig.System.StopAsync());
        var late = rig.Begin(() => job.ResultAsync());
        Assert.IsType<ObjectDisposedException>(late.Exception?.InnerException);
        script.IsOver = true;
        rig.Restart();
        Assert.Equal(Script.Result(2), rig.Run(() => rig.Find("j").ResultAsync()));
    }

    [Fact]
    public void Who_waits_is_told_when_another_process_has_taken_over()
    {
        var rig = new JobRig();
        var script = new Pausing(1);
        var job = rig.Submit(2, script, "j");
        var result = rig.Begin(() => job.ResultAsync());
        rig.Run();
        var left = rig.Dispatcher;
        script.IsOver = true;
        rig.Restart();
        script.Resume.SetResult();
        left.RunUntilIdle();
        Assert.IsType<OwnershipLostException>(result.Exception?.InnerException);
        Assert.Equal(Script.Result(2), rig.Run(() => rig.Find("j").ResultAsync()));
        Assert.Equal(2, rig.History("j").Count(name => name == "done"));
    }

    [Fact]
    public void A_result_is_gone_after_its_retention_its_outcome_is_not()
    {
        var rig = new JobRig(new JobOptions { Retention = TimeSpan.FromHours(1) });
        var job = rig.Submit(2, id: "j");
        Assert.Equal(Script.Result(2), rig.Run(() => job.ResultAsync()));
        rig.Advance(TimeSpan.FromHours(1.1));
        rig.Failure<JobExpiredException>(() => job.ResultAsync());
        Assert.False(rig.HasAttachment("j", "result"));
        Assert.Equal(JobStatus.Completed, rig.Run(() => job.StatusAsync()).Status);
    }

    /// <summary>Stops at a given call of the job's code until it is told to go on.</summary>
    private sealed class Pausing(int at) : Script
    {
        public int At { get; set; } = at;

        public bool IsOver { get; set; }

        public int Calls { get; private set; }

        public TaskCompletionSource Resume { get; } = new();

        public override async ValueTask<IReadOnlyList<int>> SplitAsync(int parts, CancellationToken cancellationToken)
        {
            await PauseAsync();
            return await base.SplitAsync(parts, cancellationToken);
        }

        public override async ValueTask<string> RunAsync(int part, JobContext context)
        {
            await PauseAsync();
            return await base.RunAsync(part, context);
        }

        private Task PauseAsync() => Calls++ >= At && !IsOver ? Resume.Task : Task.CompletedTask;
    }

    private sealed class Poison : Script
    {
        public int Runs { get; private set; }

        public override async ValueTask<string> RunAsync(int part, JobContext context)
        {
            if (part != 2) return await base.RunAsync(part, context);
            Runs++;
            await new TaskCompletionSource().Task;
            return "";
        }
    }

    private sealed class Obedient : Script
    {
        public bool IsOver { get; set; }

        public int Cancelled { get; private set; }

        public override async ValueTask<string> RunAsync(int part, JobContext context)
        {
            if (IsOver) return await base.RunAsync(part, context);
            var gate = new TaskCompletionSource<string>();
            context.CancellationToken.Register(() =>
            {
                Cancelled++;
                gate.TrySetCanceled(context.CancellationToken);
                throw new InvalidOperationException("thrown by what was registered");
            });
            return await gate.Task;
        }
    }
}
