using ActorGrid.Jobs.Tests.Pure;

namespace ActorGrid.Jobs.Tests.Sharing;

/// <summary>Progress and results reach every node, whoever has the job in hand.</summary>
public class FollowTests
{
    [Fact]
    public void Progress_streams_to_other_nodes_and_clients_running_parts_included()
    {
        var rig = new GridRig();
        rig.Add("a");
        var b = rig.Add("b");
        var client = rig.Add("client", isClient: true);
        var script = new Steered();
        var job = rig.Submit(client, 3, script);
        rig.Run();
        var found = rig.Call(b, () => b.Jobs.FindAsync(job.Id))!.As<string>();
        var seen = new[] { Read(rig, b, found), Read(rig, client, job) };
        var results = new[] { rig.Begin(b, () => found.ResultAsync()), rig.Begin(client, () => job.ResultAsync()) };
        // Of weight 2, on b.
        script.Of(1).Context.Report(1);
        rig.Advance(TimeSpan.FromSeconds(1));
        Assert.All(seen, progress => Assert.Equal(1, progress[^1].UnitsDone));
        script.Free();
        rig.Run();
        Assert.All(results, result => Assert.True(result.IsCompletedSuccessfully, "The end is told at once."));
        Assert.All(seen, progress => Assert.Equal((JobStatus.Completed, 3, 6L), (progress[^1].Status, progress[^1].Done, progress[^1].UnitsDone)));
        Assert.All(seen, progress => Assert.Single(progress, one => one.IsFinal));
    }

    [Fact]
    public void Who_waits_goes_on_waiting_when_the_job_moves_or_its_owner_dies()
    {
        var rig = new GridRig();
        var a = rig.Add("a");
        var b = rig.Add("b");
        var c = rig.Add("c");
        var script = new Steered();
        var job = rig.Submit(a, 5, script, "j");
        rig.Run();
        var results = new[] { a, b, c }.Select(node =>
        {
            var found = rig.Call(node, () => node.Jobs.FindAsync("j"))!.As<string>();
            return rig.Begin(node, () => found.ResultAsync());
        }).ToList();
        rig.Move(b);
        rig.Advance(TimeSpan.FromSeconds(3));
        rig.Kill(b);
        rig.Move(c);
        rig.Advance(TimeSpan.FromSeconds(3));
        Assert.DoesNotContain(results, result => result.IsCompleted);
        script.Free();
        rig.Await(() => results[0].IsCompleted && results[2].IsCompleted, "a and c have the result", 10);
        Assert.Equal(Script.Result(5), results[0].Result);
        Assert.Equal(Script.Result(5), results[2].Result);
        Assert.False(results[1].IsCompleted);
    }

    [Fact]
    public void The_end_is_learned_though_all_notices_are_lost()
    {
        var rig = new GridRig();
        var a = rig.Add("a");
        var client = rig.Add("client", isClient: true);
        rig.Net.OnSend = static (_, _, message) => message is JobNoticed or JobFollowed ? TestNet.Fate.IsLost : TestNet.Fate.Arrives;
        var script = new Steered();
        var job = rig.Submit(client, 2, script);
        var result = rig.Begin(client, () => job.ResultAsync());
        rig.Advance(TimeSpan.FromSeconds(5));
        script.Free();
        rig.Await(() => result.IsCompleted, "the client has the result", 3);
        Assert.Equal(Script.Result(2), result.Result);
        Assert.NotNull(a.Entities);
    }

    [Fact]
    public void Asking_is_bounded_while_notices_come()
    {
        var rig = new GridRig();
        rig.Add("a");
        var b = rig.Add("b");
        var script = new Steered();
        var job = rig.Submit(b, 2, script);
        _ = rig.Begin(b, () => job.ResultAsync());
        rig.Advance(TimeSpan.FromSeconds(10));
        rig.Net.Sent.Clear();
        rig.Advance(TimeSpan.FromSeconds(20));
        Assert.InRange(rig.Net.Sent.Count(sent => sent.Message is JobNoticed), 60, 95);
        Assert.InRange(rig.Net.Sent.Count(sent => sent.Message is JobFollowed), 5, 12);
        script.Free();
    }

    [Fact]
    public void Who_is_read_no_more_is_told_no_more()
    {
        var rig = new GridRig();
        rig.Add("a");
        var b = rig.Add("b");
        var script = new Steered();
        var job = rig.Submit(b, 2, script);
        using var cancellation = new CancellationTokenSource();
        var result = rig.Begin(b, () => job.ResultAsync(cancellation.Token));
        rig.Advance(TimeSpan.FromSeconds(2));
        cancellation.Cancel();
        rig.Run();
        Assert.True(result.IsCanceled);
        rig.Advance(TimeSpan.FromSeconds(15));
        rig.Net.Sent.Clear();
        rig.Advance(TimeSpan.FromSeconds(5));
        Assert.DoesNotContain(rig.Net.Sent, sent => sent.Message is JobNoticed or JobFollowed);
        script.Free();
        Assert.Equal(Script.Result(2), rig.Result(b, job));
    }

    private static List<JobProgress> Read(GridRig rig, GridRig.Node node, JobHandle job)
    {
        var seen = new List<JobProgress>();
        rig.Begin(node, async () =>
        {
            await foreach (var progress in job.ProgressAsync()) seen.Add(progress);
            return true;
        });
        return seen;
    }
}
