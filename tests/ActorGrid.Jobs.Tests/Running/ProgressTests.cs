using ActorGrid.Jobs.Tests.Pure;

namespace ActorGrid.Jobs.Tests.Running;

public class ProgressTests
{
    [Fact]
    public void The_stream_follows_the_job_and_ends_with_its_end()
    {
        var rig = new JobRig(runner: new JobRunnerOptions { Workers = 1 });
        var script = new Stepwise();
        var job = rig.Submit(4, script, "j");
        var seen = new List<JobProgress>();
        var read = rig.Begin(() => ReadAsync(job, seen));
        for (int part = 0; part < 4; part++)
        {
            rig.Advance(TimeSpan.FromSeconds(1));
            script.Contexts[part].Report((part + 1) / 2);
            rig.Advance(TimeSpan.FromSeconds(1));
            script.Gates[part].SetResult();
            rig.Run();
        }
        Assert.True(read.IsCompleted);
        Assert.Equal(JobStatus.Completed, seen[^1].Status);
        Assert.Equal((4, 4, 10L, 10L), (seen[^1].Done, seen[^1].Total, seen[^1].UnitsDone, seen[^1].UnitsTotal));
        Assert.Single(seen, progress => progress.IsFinal);
        Assert.InRange(seen.Count, 4, (8 * 4) + 3);
        // Part 3, of weight 4, had reported half of it; parts 0 to 2 were done.
        Assert.Contains(seen, progress => progress is { Done: 3, UnitsDone: 8 });
        Assert.Contains(seen, progress => progress.UnitsPerSecond > 0 && progress.TimeLeft > TimeSpan.Zero);
        Assert.Equal(seen.Select(progress => progress.UnitsDone).Order(), seen.Select(progress => progress.UnitsDone));
    }

    [Fact]
    public async Task Who_reads_slowly_gets_the_latest()
    {
        var watch = new JobWatch();
        for (int done = 0; done < 100; done++) watch.Publish(At(done, JobStatus.Running));
        Assert.Equal(99, (await watch.NextAsync(default)).Done);
        watch.Publish(At(100, JobStatus.Completed));
        watch.Publish(At(50, JobStatus.Running));
        Assert.True((await watch.NextAsync(default)).IsFinal);
    }

    [Fact]
    public async Task A_reader_that_waits_is_woken_failed_or_cancelled()
    {
        var watch = new JobWatch();
        var reading = watch.NextAsync(default);
        watch.Publish(At(1, JobStatus.Running));
        Assert.Equal(1, (await reading).Done);

        using var cancellation = new CancellationTokenSource();
        var cancelled = watch.NextAsync(cancellation.Token);
        cancellation.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);

        var failed = watch.NextAsync(default);
        watch.Fail(new IOException("disk"));
        await Assert.ThrowsAsync<IOException>(() => failed);
    }

    [Fact]
    public void Of_an_ended_job_there_is_one_last_word()
    {
        var rig = new JobRig();
        var job = rig.Submit(3);
        rig.Run();
        var seen = new List<JobProgress>();
        rig.Run(() => ReadAsync(job, seen));
        Assert.Equal((JobStatus.Completed, 3), (Assert.Single(seen).Status, seen[0].Done));
    }

    [Fact]
    public void Waiting_can_be_given_up_and_the_job_goes_on()
    {
        var rig = new JobRig();
        var script = new Stepwise();
        var job = rig.Submit(1, script);
        using var cancellation = new CancellationTokenSource();
        var result = rig.Begin(() => job.ResultAsync(cancellation.Token));
        rig.Run();
        cancellation.Cancel();
        rig.Run();
        Assert.True(result.IsCanceled);
        script.Gates[0].SetResult();
        Assert.Equal("[0,]", rig.Run(() => job.ResultAsync()));
    }

    [Fact]
    public void Parts_run_and_waiting_are_counted()
    {
        var counted = new Dictionary<string, long>(StringComparer.Ordinal);
        using var listener = new System.Diagnostics.Metrics.MeterListener();
        listener.InstrumentPublished = (instrument, me) =>
        {
            if (instrument.Name.StartsWith("actorgrid.jobs", StringComparison.Ordinal)) me.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            // Other tests run beside this one: only the type of this test counts.
            foreach (var tag in tags)
            {
                if (tag is { Key: "actorgrid.job.type", Value: "counted" }) counted[instrument.Name] =
                    counted.GetValueOrDefault(instrument.Name) + value;
            }
        });
        listener.Start();
        var rig = new JobRig(more: JobType.Create<CountedJob>("counted", CountedJson.Default));
        var job = rig.Run(() => rig.Jobs.SubmitAsync(new CountedJob()));
        rig.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(3, rig.Run(() => job.ResultAsync()));
        Assert.Equal(3, counted["actorgrid.jobs.parts.run"]);
        Assert.Equal(1, counted["actorgrid.jobs.attempts.failed"]);
        Assert.Equal(1, counted["actorgrid.jobs.attempts.retried"]);
    }

    private static JobProgress At(int done, JobStatus status) => new(status, done, 100, done, 100, 0, TimeLeft: null, 0);

    private static async Task<bool> ReadAsync(JobHandle job, List<JobProgress> seen)
    {
        await foreach (var progress in job.ProgressAsync()) seen.Add(progress);
        return true;
    }

    private sealed class Stepwise : Script
    {
        public TaskCompletionSource[] Gates { get; } = [.. Enumerable.Range(0, 10).Select(_ => new TaskCompletionSource())];

        public Dictionary<int, JobContext> Contexts { get; } = [];

        public override async ValueTask<string> RunAsync(int part, JobContext context)
        {
            Contexts[part] = context;
            await Gates[part].Task;
            return await base.RunAsync(part, context);
        }
    }
}

public sealed record CountedJob : Job<int, int, int>
{
    public override ValueTask<IReadOnlyList<int>> SplitAsync(CancellationToken cancellationToken) => new([0, 1, 2]);

    public override ValueTask<int> RunAsync(int part, JobContext context) =>
        context is { Part: 1, Attempt: 1 } ? throw new IOException("once") : new(1);

    public override int Combine(int left, int right) => left + right;

    public override int Result(int total) => total;
}

[System.Text.Json.Serialization.JsonSerializable(typeof(CountedJob))]
[System.Text.Json.Serialization.JsonSerializable(typeof(int))]
internal sealed partial class CountedJson : System.Text.Json.Serialization.JsonSerializerContext;
