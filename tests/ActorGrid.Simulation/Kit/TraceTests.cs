using System.Collections.Concurrent;
using System.Diagnostics;
using ActorGrid.Testing;

namespace ActorGrid.Simulation.Kit;

/// <summary>A command that one node asks of another is one trace.</summary>
public sealed class TraceTests
{
    private static readonly SimulatedGridOptions Options = new() { Configure = grid => grid.AddEntity<Ledger>("ledger", LedgerJson.Default) };

    [Fact]
    public void A_trace_goes_on_at_the_owner()
    {
        var ended = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "ActorGrid",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        SimulatedGrid.Run(1, Options, async grid =>
        {
            var owner = grid.OwnerOf<Ledger>("traced")!;
            await grid.Entity<Ledger>("traced", grid.Nodes.First(node => node != owner)).AskAsync(new Add(1));
        });

        var asked = Assert.Single(ended, span => span.Kind == ActivityKind.Client && span.GetTagItem("actorgrid.entity") is "ledger/traced");
        var trace = ended.Where(span => span.TraceId == asked.TraceId).ToLookup(span => span.DisplayName);
        var served = Assert.Single(trace[asked.DisplayName], span => span.Kind == ActivityKind.Server);
        Assert.Equal(asked.SpanId, served.ParentSpanId);
        var commit = Assert.Single(trace["commit"]);
        Assert.Equal((served.SpanId, commit.SpanId), (commit.ParentSpanId, Assert.Single(trace["append"]).ParentSpanId));
    }

    [Fact]
    public void What_is_not_sampled_at_the_caller_begins_no_trace_at_the_owner()
    {
        var ended = new ConcurrentQueue<Activity>();
        using var root = new Activity("not sampled").Start();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "ActorGrid",
            // As a sampler that follows the parent: a root is recorded, and so is what is under one that is.
            Sample = (ref ActivityCreationOptions<ActivityContext> creation) =>
            {
                bool isRecorded = creation.Parent == default || creation.Parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded);
                return isRecorded ? ActivitySamplingResult.AllDataAndRecorded : creation.Parent.IsRemote ? ActivitySamplingResult.PropagationData : ActivitySamplingResult.None;
            },
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        SimulatedGrid.Run(1, Options, async grid =>
        {
            var owner = grid.OwnerOf<Ledger>("unsampled")!;
            var other = grid.Nodes.First(node => node != owner);
            await grid.Entity<Ledger>("unsampled", other).AskAsync(new Add(1));
            ended.Clear();
            var before = Activity.Current;
            Activity.Current = root;
            Task<int> asked = grid.Entity<Ledger>("unsampled", other).AskAsync(new Add(2));
            Activity.Current = before;
            await asked;
        });
        Assert.DoesNotContain(ended, span => span.GetTagItem("actorgrid.entity") is "ledger/unsampled");
    }
}
