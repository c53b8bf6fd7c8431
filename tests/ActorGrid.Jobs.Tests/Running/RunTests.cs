using ActorGrid.Jobs.Tests.Pure;
using ActorGrid.Testing;

namespace ActorGrid.Jobs.Tests.Running;

public class RunTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(300)]
    public void The_result_is_that_of_the_parts_in_order(int parts)
    {
        var rig = new JobRig();
        var script = new Script();
        var job = rig.Submit(parts, script, "j");
        Assert.Equal(Script.Result(parts), rig.Run(() => job.ResultAsync()));
        Assert.Equal(Enumerable.Range(0, parts), script.Ran.Order());

        var status = rig.Run(() => job.StatusAsync());
        Assert.Equal((JobStatus.Completed, parts, parts, 0), (status.Status, status.Done, status.Total, status.Failures));
        Assert.Equal(Enumerable.Range(1, parts).Sum(), status.UnitsDone);
        Assert.True(rig.HasAttachment("j", "result"));
        Assert.False(rig.HasAttachment("j", "job") || rig.HasAttachment("j", "parts") || rig.HasAttachment("j", "partial/0"));
    }

    [Fact]
    public void A_result_of_an_earlier_process_is_there()
    {
        var rig = new JobRig();
        rig.Submit(5, id: "j");
        rig.Run();
        rig.Restart();
        Assert.Equal(Script.Result(5), rig.Run(() => rig.Find("j").ResultAsync()));
    }

    [Fact]
    public void The_same_job_is_the_same_job_and_another_one_is_refused()
    {
        var rig = new JobRig();
        var script = new Script();
        string name = Scripts.Add(script);
        var first = rig.Run(() => rig.Jobs.SubmitAsync(new SumJob(3, name), "j"));
        rig.Run();
        var second = rig.Run(() => rig.Jobs.SubmitAsync(new SumJob(3, name), "j"));
        Assert.Equal(rig.Run(() => first.ResultAsync()), rig.Run(() => second.ResultAsync()));
        Assert.Equal(3, script.Ran.Count);
        var conflict = rig.Failure<JobConflictException>(() => rig.Jobs.SubmitAsync(new SumJob(4, name), "j"));
        Assert.Contains("another job under the id 'j'", conflict.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Jobs_without_an_id_get_one_each()
    {
        var rig = new JobRig();
        Assert.NotEqual(rig.Submit(1).Id, rig.Submit(1).Id);
    }

    [Fact]
    public void Ids_and_classes_are_checked_by_name()
    {
        var rig = new JobRig();
        Assert.Contains(
            "201 characters",
                Assert.Throws<ArgumentException>(() => { _ = rig.Jobs.SubmitAsync(new SumJob(1), new string('x', 201)); }).Message,
                    StringComparison.Ordinal);
        Assert.Contains(
            ".AddJob<DateJob>(", Assert.Throws<InvalidOperationException>(() => { _ = rig.Jobs.SubmitAsync(new DateJob()); }).Message,
                StringComparison.Ordinal);
        Assert.Contains(
            "registered are: sum", Assert.Throws<ArgumentException>(() => { _ = rig.Jobs.FindAsync("j", "other"); }).Message,
                StringComparison.Ordinal);
    }

    [Fact]
    public void Jobs_are_found_and_listed()
    {
        var rig = new JobRig();
        var open = new TaskCompletionSource<string>();
        for (int i = 0; i < 70; i++) rig.Submit(1, id: $"j{i:00}");
        rig.Submit(1, new Gated(open), "open/one");
        rig.Run();

        Assert.Equal("j33", rig.Run(() => rig.Jobs.FindAsync("j33"))!.Id);
        Assert.Null(rig.Run(() => rig.Jobs.FindAsync("nothing")));
        Assert.Throws<InvalidCastException>(() => rig.Run(() => rig.Jobs.FindAsync("j33"))!.As<int>());
        Assert.Equal(71, rig.Run(() => ListAsync(rig.Jobs.ListAsync())).Count);
        Assert.Equal(70, rig.Run(() => ListAsync(rig.Jobs.ListAsync("sum", JobStatus.Completed))).Count);
        Assert.Equal("open/one", Assert.Single(rig.Run(() => ListAsync(rig.Jobs.ListAsync("sum", JobStatus.Running)))).Id);
        Assert.Empty(rig.Run(() => ListAsync(rig.Jobs.ListAsync("su"))));
    }

    [Fact]
    public void Jobs_take_turns()
    {
        var rig = new JobRig(runner: new JobRunnerOptions { Workers = 1 });
        var gate = new TaskCompletionSource<string>();
        var both = new Script();
        rig.Submit(1, new Gated(gate), "first");
        rig.Run();
        rig.Submit(10, new Recording("a", both), "a");
        rig.Submit(10, new Recording("b", both), "b");
        rig.Run();
        gate.SetResult("0,");
        rig.Run();
        Assert.Equal(20, both.Ran.Count);
        // Whatever the first pieces of work were, from then on neither is ahead of the other by more than what it had begun with.
        for (int i = 1; i <= 20; i++) Assert.InRange(both.Ran.Take(i).Sum(), -3, 3);
    }

    [Fact]
    public void Ten_thousand_parts_are_no_matter()
    {
        var rig = new JobRig(runner: new JobRunnerOptions { Workers = 4 });
        var job = rig.Submit(10_000);
        Assert.Equal(Script.Result(10_000), rig.Run(() => job.ResultAsync()));
        Assert.False(rig.HasAttachment(job.Id, "partial/9999"));
    }

    [Fact]
    public void A_slow_store_slows_the_workers_down_and_does_not_fill_the_memory()
    {
        var rig = new JobRig(runner: new JobRunnerOptions { Workers = 1, RecordingMax = 3 });
        var script = new Script();
        var gate = new TaskCompletionSource<string>();
        var job = rig.Submit(50, new GatedFirst(gate, script));
        rig.Run();
        rig.Store.OnAppend = _ => AppendFault.HoldCommit;
        gate.SetResult("0,");
        rig.Run();
        Assert.InRange(script.Ran.Count, 2, 3);
        rig.Store.OnAppend = _ => AppendFault.None;
        while (rig.Store.HeldCount > 0)
        {
            rig.Store.ReleaseNext();
            rig.Run();
        }
        Assert.Equal(Script.Result(50), rig.Run(() => job.ResultAsync()));
    }

    private static async Task<List<T>> ListAsync<T>(IAsyncEnumerable<T> items)
    {
        var list = new List<T>();
        await foreach (var item in items) list.Add(item);
        return list;
    }

    /// <summary>Every part waits for the gate.</summary>
    private sealed class Gated(TaskCompletionSource<string> gate) : Script
    {
        public override async ValueTask<string> RunAsync(int part, JobContext context) => await gate.Task;
    }

    /// <summary>The first part waits for the gate.</summary>
    private sealed class GatedFirst(TaskCompletionSource<string> gate, Script then) : Script
    {
        public override async ValueTask<string> RunAsync(int part, JobContext context) =>
            part == 0 ? await gate.Task : await then.RunAsync(part, context);
    }

    /// <summary>Counts up for a, down for b.</summary>
    private sealed class Recording(string name, Script both) : Script
    {
        public override ValueTask<string> RunAsync(int part, JobContext context)
        {
            both.Ran.Add(name == "a" ? 1 : -1);
            return base.RunAsync(part, context);
        }
    }
}
