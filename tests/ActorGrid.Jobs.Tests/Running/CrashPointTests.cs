using ActorGrid.Jobs.Tests.Pure;
using FsCheck;
using FsCheck.Fluent;

namespace ActorGrid.Jobs.Tests.Running;

/// <summary>The process dies after any number of turns, several times over, with parts that fail in between.</summary>
public class CrashPointTests
{
    private const int Parts = 12;

    [Fact]
    public void Whenever_the_process_dies_no_finished_part_is_run_again_and_the_result_is_right() => Prop.ForAll(
        Gen.Choose(1, 400).ListOf().ToArbitrary(),
        crashes =>
        {
            var rig = new JobRig(new JobOptions { LossesMax = 1000 });
            var script = new Flaky();
            var submission = new SumJob(Parts, Scripts.Add(script));
            _ = rig.Begin(() => rig.Jobs.SubmitAsync(submission, "j"));
            foreach (int turns in crashes)
            {
                Die(rig, turns);
                var done = Done(rig);
                script.Ran.Clear();
                rig.Restart(run: false);
                Assert.DoesNotContain(script.Ran, done.Contains);
                // A caller that does not know whether it got through submits again.
                _ = rig.Begin(() => rig.Jobs.SubmitAsync(submission, "j"));
            }
            var job = rig.Run(() => rig.Jobs.SubmitAsync(submission, "j"));
            for (int i = 0; i < 20; i++) rig.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(Script.Result(Parts), rig.Run(() => job.ResultAsync()));
            Assert.Equal(Parts, Done(rig).Count);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(40));

    private static void Die(JobRig rig, int turns)
    {
        try
        {
            rig.Dispatcher.RunUntilIdle(turns);
        }
        catch (InvalidOperationException)
        {
            // The turns were up; what was left to do is never done.
        }
    }

    private static HashSet<int> Done(JobRig rig) => [.. rig.Events("j").OfType<PartDone>().Select(e => e.Part)];

    /// <summary>Every third part fails at first.</summary>
    private sealed class Flaky : Script
    {
        private readonly HashSet<int> _failed = [];

        public override ValueTask<string> RunAsync(int part, JobContext context) =>
            part % 3 == 0 && _failed.Add(part) ? throw new IOException("once") : base.RunAsync(part, context);
    }
}
