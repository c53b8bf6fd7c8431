using System.Text;
using ActorGrid.Actors;
using ActorGrid.Jobs.Tests.Pure;
using ActorGrid.Persistence;

namespace ActorGrid.Jobs.Tests.Sharing;

/// <summary>
/// What an earlier owner of a job reported arrives late: its entity takes it after the job has gone on at another owner, which learns of it from
/// the answer to what it reports itself.
/// </summary>
public class LateReportTests
{
    private static readonly PartList TwoParts = PartList.Encode([0, 1], static part => part + 1, new JsonMessageCodec<int>("part", SumJson.Default.Int32));

    [Fact]
    public void A_split_that_seemed_lost_is_reported_by_the_last_owner_while_the_next_waits_to_put_it_on_record()
    {
        var rig = new GridRig();
        var a = rig.Add("a");
        var b = rig.Add("b");
        var script = new HeldSplit();
        var job = rig.Submit(b, 2, script, "j");
        rig.Run();
        Assert.Contains("started", rig.History("j"));
        rig.Kill(a);
        rig.Move(b);
        Report(rig, b, new FinishSplit(TwoParts.Count, TwoParts.Units, TwoParts.Encoded));
        Assert.Equal(Script.Result(2), rig.Result(b, job));
        Assert.Single(script.Splits);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_split_that_fails_here_was_done_by_the_last_owner(bool isPermanent)
    {
        var rig = new GridRig();
        var a = rig.Add("a");
        var script = new HeldSplit();
        var job = rig.Submit(a, 2, script, "j");
        rig.Run();
        Report(rig, a, new FinishSplit(TwoParts.Count, TwoParts.Units, TwoParts.Encoded));
        script.Splits[0].SetException(new JobPartException("It failed.", isPermanent));
        Assert.Equal(Script.Result(2), rig.Result(a, job));
        Assert.Single(script.Splits);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_part_that_fails_here_was_done_by_the_last_owner(bool isPermanent)
    {
        var rig = new GridRig();
        var a = rig.Add("a");
        var script = new Steered();
        var job = rig.Submit(a, 2, script, "j");
        rig.Run();
        Report(rig, a, new FinishPart(0, Units: 1, Encoding.Unicode.GetBytes("0,")));
        script.Of(0).Gate.SetException(new JobPartException("It failed.", isPermanent));
        script.Free();
        Assert.Equal(Script.Result(2), rig.Result(a, job));
        Assert.Equal(2, script.Runs.Count);
    }

    [Fact]
    public void A_part_that_seemed_lost_is_reported_by_the_last_owner_while_the_next_waits_to_put_it_on_record()
    {
        var rig = new GridRig();
        var a = rig.Add("a");
        var b = rig.Add("b");
        var script = new Steered();
        var job = rig.Submit(b, 2, script, "j");
        rig.Run();
        rig.Kill(a);
        rig.Move(b);
        Report(rig, b, new FinishPart(0, Units: 1, Encoding.Unicode.GetBytes("0,")));
        script.Free();
        Assert.Equal(Script.Result(2), rig.Result(b, job));
        Assert.Single(script.Runs, run => run.Context.Part == 0);
    }

    private static void Report(GridRig rig, GridRig.Node node, ICommand<JobEntity, Verdict> late) =>
        Assert.True(rig.Call(node, () => node.AskAsync(JobAddress.Of("sum", "j"), late)).Taken);

    /// <summary>A split goes on when the test lets it.</summary>
    private sealed class HeldSplit : Script
    {
        public List<TaskCompletionSource<IReadOnlyList<int>>> Splits { get; } = [];

        public override async ValueTask<IReadOnlyList<int>> SplitAsync(int parts, CancellationToken cancellationToken)
        {
            var split = new TaskCompletionSource<IReadOnlyList<int>>();
            Splits.Add(split);
            return await split.Task;
        }
    }
}
