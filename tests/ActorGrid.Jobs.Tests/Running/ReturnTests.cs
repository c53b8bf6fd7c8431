using ActorGrid.Jobs.Tests.Pure;

namespace ActorGrid.Jobs.Tests.Running;

/// <summary>A stop in order is no loss of the parts that it ends.</summary>
public class ReturnTests
{
    [Fact]
    public void A_stop_in_order_is_no_loss()
    {
        var rig = new JobRig(new JobOptions { LossesMax = 2 });
        var script = new UntilCancelled();
        rig.Submit(2, script, "j");
        for (int i = 0; i < 6; i++)
        {
            rig.Run();
            rig.Dispatcher.Run(rig.StopAsync);
            rig.Restart();
        }
        Assert.Equal(JobStatus.Running, rig.Run(() => rig.Find("j").StatusAsync()).Status);
        script.IsOver = true;
        rig.Dispatcher.Run(rig.StopAsync);
        rig.Restart();
        Assert.Equal(Script.Result(2), rig.Run(() => rig.Find("j").ResultAsync()));
    }

    [Fact]
    public void A_stop_while_the_store_fails_ends_all_the_same()
    {
        var rig = new JobRig();
        rig.Submit(2, new UntilCancelled(), "j");
        rig.Run();
        rig.OnAsk = (id, _) => new ActorGrid.Persistence.OwnershipLostException(id, new ActorGrid.Persistence.ShardId(0), "gone");
        rig.Dispatcher.Run(rig.StopAsync);
    }

    private sealed class UntilCancelled : Script
    {
        public bool IsOver { get; set; }

        public override async ValueTask<string> RunAsync(int part, JobContext context)
        {
            if (IsOver) return await base.RunAsync(part, context);
            var gate = new TaskCompletionSource<string>();
            context.CancellationToken.Register(() => gate.TrySetCanceled(context.CancellationToken));
            return await gate.Task;
        }
    }
}
