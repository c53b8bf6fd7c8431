using System.Text.Json;
using ActorGrid.Actors;

namespace ActorGrid.Jobs.Tests.Pure;

public class JobRunTests
{
    private static readonly JobType Type = JobType.Create<SumJob>("sum", SumJson.Default);

    [Fact]
    public void A_split_that_was_heard_of_before_the_job_was_loaded_does_not_make_it_load_again()
    {
        var seemedLost = JobState.None.Apply(new JobSubmitted("hash", JobPolicy.Of(new JobOptions()), 0))!.Apply(new StepStarted(JobStep.Split))!;
        var run = new JobRun(JobAddress.Of("sum", "j"), Type, seemedLost);
        Assert.Equal([JobStep.Split], run.Suspects);
        run.Durable = seemedLost.Apply(new JobSplit(2, 2))!;
        Assert.IsType<OpenWork>(run.Take(mayRun: true));
        var program = Type.Load(JsonSerializer.SerializeToUtf8Bytes(new SumJob(2), SumJson.Default.SumJob));
        run.Opened(program, PartList.Encode([0, 1], static _ => 1, new JsonMessageCodec<int>("part", SumJson.Default.Int32)));
        Assert.IsType<RunPartWork>(run.Take(mayRun: true));

        run.WasDone(JobStep.Split);
        Assert.Same(program, run.Program);
        Assert.Equal(1, Assert.IsType<RunPartWork>(run.Take(mayRun: true)).Step);
    }
}
