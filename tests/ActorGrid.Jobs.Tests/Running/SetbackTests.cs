using System.Diagnostics.Metrics;
using ActorGrid.Jobs.Tests.Pure;
using ActorGrid.Persistence;
using Microsoft.Extensions.Logging;

namespace ActorGrid.Jobs.Tests.Running;

/// <summary>Whatever goes wrong around the runner, it goes on, and nobody waits for ever.</summary>
public class SetbackTests
{
    [Fact]
    public void A_logging_provider_that_throws_changes_nothing()
    {
        var rig = new JobRig { Loggers = new BrokenLoggers() };
        rig.Restart();
        for (int i = 0; i < 2; i++)
        {
            var job = rig.Submit(3, new FailsOnce());
            rig.Advance(TimeSpan.FromSeconds(5));
            Assert.Equal(Script.Result(3), rig.Run(() => job.ResultAsync()));
        }
    }

    [Fact]
    public void A_listener_that_throws_in_a_tick_does_not_make_the_runner_forget_its_jobs()
    {
        int thread = Environment.CurrentManagedThreadId;
        int thrown = 0;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "actorgrid.jobs.parts.waiting") self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, waiting, _, _) =>
        {
            // The meter is shared with tests on other threads.
            if (Environment.CurrentManagedThreadId == thread && waiting > 0 && thrown++ >= 0) throw new InvalidOperationException("broken");
        });
        listener.Start();
        var rig = new JobRig();
        var gate = new TaskCompletionSource<string>();
        var job = rig.Submit(1, new Gated(gate));
        rig.Advance(TimeSpan.FromSeconds(2));
        Assert.True(thrown > 0, "no tick has thrown");
        gate.SetResult("0,");
        rig.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("[0,]", rig.Run(() => job.ResultAsync()));
        Assert.Equal(Script.Result(2), rig.Run(() => rig.Submit(2).ResultAsync()));
    }

    [Fact]
    public void A_command_id_that_is_refused_is_replaced()
    {
        var rig = new JobRig();
        int refused = 0;
        rig.OnAsk = (id, command) =>
            command is FinishPart or FinishSplit or CompleteJob && refused++ % 2 == 0 ? new InvalidCommandIdException(id, "future") : null;
        var script = new Script();
        var job = rig.Submit(3, script);
        for (int i = 0; i < 20; i++) rig.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(Script.Result(3), rig.Run(() => job.ResultAsync()));
        Assert.Equal(3, script.Ran.Count);
    }

    [Fact]
    public void An_outcome_that_stays_unknown_is_asked_for_ever_more_seldom()
    {
        var rig = new JobRig();
        int asked = 0;
        rig.OnAsk = (id, command) => command is FinishSplit && ++asked > 0 ? new OutcomeUnknownException(id, default) : null;
        rig.Submit(1);
        for (int i = 0; i < 600; i++) rig.Advance(TimeSpan.FromSeconds(0.1));
        Assert.InRange(asked, 5, 30);
    }

    [Fact]
    public void A_job_whose_entity_refuses_a_report_is_taken_up_again_and_who_waits_meanwhile_is_told()
    {
        var rig = new JobRig();
        rig.OnAsk = (id, command) => command is FinishPart ? new CommandFailedException(id, "finish-part", new IOException("no")) : null;
        var job = rig.Submit(3, id: "j");
        rig.Run();
        var failed = rig.Begin(() => job.ResultAsync());
        rig.Run();
        Assert.IsType<CommandFailedException>(failed.Exception?.InnerException);
        for (int i = 0; i < 60; i++) rig.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(JobStatus.Running, rig.Run(() => job.StatusAsync()).Status);

        rig.OnAsk = static (_, _) => null;
        for (int i = 0; i < 7; i++) rig.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(Script.Result(3), rig.Run(() => job.ResultAsync()));
    }

    [Theory]
    [InlineData("RunAsync")]
    [InlineData("Combine")]
    public void Null_fails_the_job(string source)
    {
        var rig = new JobRig();
        var job = rig.Submit(2, new BringsNull(source));
        rig.Run();
        Assert.Contains(
            $"{source} has returned null", rig.Failure<JobFailedException>(() => job.ResultAsync()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_normal_stop_leaves_no_dead_letters()
    {
        var rig = new JobRig();
        var job = rig.Submit(1, new Gated(new TaskCompletionSource<string>()));
        var done = rig.Submit(3);
        rig.Run(() => done.ResultAsync());
        rig.Run();
        rig.Run(async () =>
        {
            await rig.StopAsync();
            await rig.StopAsync();
            return true;
        });
        rig.Run();
        Assert.Equal(0, rig.System.DeadLetters.Count);
    }

    private sealed class FailsOnce : Script
    {
        public override ValueTask<string> RunAsync(int part, JobContext context) =>
            context.Attempt == 1 ? throw new IOException("not at first") : base.RunAsync(part, context);
    }

    private sealed class Gated(TaskCompletionSource<string> gate) : Script
    {
        public override async ValueTask<string> RunAsync(int part, JobContext context)
        {
            await using var cancelled = context.CancellationToken.Register(() => gate.TrySetCanceled());
            return await gate.Task;
        }
    }

    private sealed class BringsNull(string source) : Script
    {
        public override ValueTask<string> RunAsync(int part, JobContext context) =>
            source == "RunAsync" ? new((string)null!) : base.RunAsync(part, context);

        public override string Combine(string left, string right) => null!;
    }

    /// <summary>Throws at what the job runner logs.</summary>
    private sealed class BrokenLoggers : ILoggerFactory, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public void Dispose()
        {
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Id is >= 100 and < 110) throw new IOException("the disk of the logs is full");
        }
    }
}
