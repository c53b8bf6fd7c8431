using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using ActorGrid.Jobs.Tests.Pure;
using ActorGrid.Persistence;

namespace ActorGrid.Jobs.Tests.Sharing;

/// <summary>A job is one trace: from its submission to its end, whichever nodes have it in hand and do its parts.</summary>
public sealed class JobTraceTests : IDisposable
{
    private readonly Activity _root = new Activity("test").Start();
    private readonly ConcurrentQueue<Activity> _ended = new();
    private readonly ActivityListener _listener;
    private readonly GridRig _rig = new();
    private ActivitySamplingResult _sampling = ActivitySamplingResult.AllDataAndRecorded;

    public JobTraceTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "ActorGrid",
            // Tests beside this one would make spans as well.
            Sample = (ref ActivityCreationOptions<ActivityContext> options) => options.Parent.TraceId == _root.TraceId ? _sampling : ActivitySamplingResult.None,
            ActivityStopped = _ended.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _root.Dispose();
    }

    [Fact]
    public void A_job_is_followed_from_its_submission_over_the_workers_of_two_nodes_to_its_result()
    {
        var a = _rig.Add("a");
        var b = _rig.Add("b", workers: 2);
        var script = new Watched();
        var job = _rig.Submit(b, 6, script, "traced");
        script.Steered.Free();
        Assert.Equal(Script.Result(6), _rig.Result(a, job));

        var submit = Assert.Single(Named("sum/submit"));
        Assert.Equal((ActivityKind.Producer, _root.SpanId), (submit.Kind, submit.ParentSpanId));
        Assert.Equal("job/sum/traced", submit.GetTagItem("actorgrid.entity"));
        Assert.Equal(submit.SpanId, Assert.Single(Named("job/submit")).ParentSpanId);
        var run = Assert.Single(Named("sum/run"));
        Assert.Equal((ActivityKind.Consumer, submit.SpanId, "completed"), (run.Kind, run.ParentSpanId, run.GetTagItem("actorgrid.job.status")));
        foreach (string piece in (string[])["sum/split", "sum/combine", "job/complete"]) Assert.Equal(run.SpanId, Assert.Single(Named(piece)).ParentSpanId);
        var parts = Named("sum/part");
        Assert.Equal(Enumerable.Range(0, 6), parts.Select(part => (int)part.GetTagItem("actorgrid.job.part")!).Order());
        Assert.All(parts, part => Assert.Equal((run.SpanId, 1), (part.ParentSpanId, part.GetTagItem("actorgrid.job.attempt"))));
        // Some were done by the node of the job, and some by the other one.
        Assert.Equal([false, true], parts.Select(part => part.HasRemoteParent).Distinct().Order());
        Assert.All(parts, part => Assert.Equal(part.HasRemoteParent ? ActivityKind.Consumer : ActivityKind.Internal, part.Kind));
        Assert.Equal(parts.Select(part => part.SpanId).ToHashSet(), script.Within.ToHashSet());
        Assert.All(_ended, span => Assert.Equal(_root.TraceId, span.TraceId));
    }

    [Fact]
    public void The_next_owner_goes_on_with_the_trace()
    {
        var a = _rig.Add("a");
        var b = _rig.Add("b");
        var script = new Steered();
        var job = _rig.Submit(b, 2, script);
        _rig.Run();
        _rig.Kill(a);
        _rig.Move(b);
        script.Free();
        Assert.Equal(Script.Result(2), _rig.Result(b, job));
        var submit = Assert.Single(Named("sum/submit"));
        // That of the node that died never ended.
        var run = Assert.Single(Named("sum/run"));
        Assert.Equal(submit.SpanId, run.ParentSpanId);
        Assert.Contains(Named("sum/part"), part => part.ParentSpanId == run.SpanId);
    }

    [Fact]
    public void A_part_that_fails_says_so_and_so_does_the_job()
    {
        var a = _rig.Add("a", options: new JobOptions { AttemptsMax = 2 });
        _rig.Submit(a, 1, new Failing());
        _rig.Await(() => Named("sum/run").Length == 1, "the job has failed");

        var parts = Named("sum/part");
        Assert.Equal([1, 2], parts.Select(part => (int)part.GetTagItem("actorgrid.job.attempt")!));
        Assert.All(parts, part => Assert.Equal((ActivityStatusCode.Error, typeof(InvalidDataException).FullName), (part.Status, part.GetTagItem("error.type"))));
        var run = Assert.Single(Named("sum/run"));
        Assert.Equal((ActivityStatusCode.Error, "failed"), (run.Status, run.GetTagItem("actorgrid.job.status")));
        Assert.Contains("Bad luck.", run.StatusDescription, StringComparison.Ordinal);
    }

    [Fact]
    public void What_nobody_follows_costs_no_message_and_leaves_no_trace_in_the_journal()
    {
        _listener.Dispose();
        var a = _rig.Add("a");
        _rig.Add("b", workers: 2);
        var script = new Steered();
        var job = _rig.Submit(a, 6, script, "unheard");
        script.Free();
        Assert.Equal(Script.Result(6), _rig.Result(a, job));
        Assert.Contains(_rig.Net.Sent, sent => sent.Message is WorkGiven);
        Assert.DoesNotContain(_rig.Net.Sent, sent => sent.Message is WorkTraced);
        Assert.DoesNotContain("trace", Submitted("unheard"), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void What_is_not_recorded_at_the_caller_begins_no_trace_elsewhere()
    {
        _sampling = ActivitySamplingResult.None;
        var a = _rig.Add("a");
        var b = _rig.Add("b", workers: 2);
        _root.ActivityTraceFlags = ActivityTraceFlags.None;
        var script = new Steered();
        var job = _rig.Submit(b, 6, script, "unrecorded");
        script.Free();
        Assert.Equal(Script.Result(6), _rig.Result(a, job));
        Assert.Empty(_ended);
        Assert.Contains($"00-{_root.TraceId}-{_root.SpanId}-00", Submitted("unrecorded"), StringComparison.Ordinal);
    }

    private Activity[] Named(string name) => [.. _ended.Where(span => span.DisplayName == name)];

    private string Submitted(string id) => Encoding.UTF8.GetString(
        _rig.Journal.ReadEntitiesAsync([new EntityRead(JobAddress.Of("sum", id), 0, 1)], default).GetAwaiter().GetResult()[0].Events[0].Event.Payload.Span);

    private sealed class Failing : Script
    {
        public override ValueTask<string> RunAsync(int part, JobContext context) => throw new InvalidDataException("Bad luck.");
    }

    /// <summary>Notes which span is current in the code of the parts.</summary>
    private sealed class Watched : Script
    {
        public Steered Steered { get; } = new();

        public ConcurrentQueue<ActivitySpanId> Within { get; } = new();

        public override async ValueTask<string> RunAsync(int part, JobContext context)
        {
            string partial = await Steered.RunAsync(part, context);
            Within.Enqueue(Activity.Current!.SpanId);
            return partial;
        }
    }
}
