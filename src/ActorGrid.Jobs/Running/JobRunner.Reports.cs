using System.Diagnostics;
using ActorGrid.Actors;
using ActorGrid.Persistence;

namespace ActorGrid.Jobs;

/// <content>What the runner reports to the jobs' entities, and what follows from their answers. Nothing counts before it is
/// durable.</content>
internal sealed partial class JobRunner
{
    private const int ReturnTriesMax = 8;

    private Report StartOf(JobRun run, int step, bool isAwaited = false, string? node = null) =>
        new(run.Id, new StartStep(step, node ?? options.NodeName, run.NextStart(step))) { Run = run, Outcome = isAwaited ? run : null };

    /// <summary>Tells the job's entity that a run was ended for no fault of its own, so that it does not count as a loss.</summary>
    private void Return(JobWork work) => Return(work.Job, work.Step, work.Start);

    private void Return(EntityId job, int step, int start)
    {
        _returning++;
        Send(new Report(job, new ReturnStep(step, start)));
    }

    private void Send(Report report)
    {
        if (report.Run is { IsOver: true })
        {
            Settle(report);
            return;
        }
        report.Tries++;
        report.CommandId ??= CommandId.New(Context.Time.GetUtcNow(), Context.Random);
        Context.PipeToSelf(Ask(report), verdict => new Reported(report, verdict), error => new ReportFailed(report, error));
    }

    private Task<Verdict> Ask(Report report)
    {
        try
        {
            return report.Run?.Span is { } span ? AskWithin(span, report) : AskNow(report);
        }
        catch (Exception error)
        {
            return Task.FromException<Verdict>(error);
        }
    }

    private Task<Verdict> AskNow(Report report) => _router!.AskAsync(report.Id, report.Command, new AskOptions { CommandId = report.CommandId });

    /// <summary>Apart, since its closure is for those alone who are followed.</summary>
    private Task<Verdict> AskWithin(Activity span, Report report) => Spans.Within(span, () => AskNow(report));

    /// <summary>A report is over, one way or the other.</summary>
    private void Settle(Report report)
    {
        if (report.Command is FinishPart) _recording--;
        if (report.Command is ReturnStep) _returning--;
        if (report.Work is { } work) work.Run.Begun.Remove(work);
    }

    private void OnReported(Report report, Verdict verdict)
    {
        Settle(report);
        if (report is { Run: null, Command: TidyJob }) Resume(report.Id);
        if (report is { Run.IsOver: true, Outcome: not null, Command: StartStep late } && verdict.Taken) Return(report.Id, late.Step, late.Start);
        if (report.Run is not { IsOver: false } run) return;
        switch (report.Command)
        {
            case StartStep start when report.Outcome is not null && verdict.Taken:
                run.Announced(start.Step);
                break;
            case StartStep start when report.Outcome is not null:
                // Recorded meanwhile, by who had it before. Or the job has failed of its losses: then the state that ends this run is on its way.
                run.WasDone(start.Step);
                break;
            case FinishSplit when verdict.Taken:
                Recovered(run.Id);
                run.HasParts((PartList)report.Outcome!);
                break;
            case FinishSplit:
                run.WasDone(JobStep.Split);
                break;
            case FinishPart part when verdict.Taken:
                Recovered(run.Id);
                JobMetrics.PartsRun.Add(1, JobMetrics.Of(run));
                run.PartDone(part.Part, (Partial)report.Outcome!);
                break;
            case FinishPart part:
                run.WasDone(part.Part);
                break;
            case FailStep fail when verdict.Taken && !fail.IsPermanent:
                var delay = run.Options.Backoff.Delay(report.Work!.Attempt - 1, Context.Random);
                Context.Timers.StartOnce(report, delay, new RetryDue(run, fail.Step));
                break;
            case FailStep fail when !verdict.Taken && report.Work is SplitWork or RunPartWork:
                run.FailedTooLate(fail.Step);
                break;
        }
    }

    private void OnReportFailed(Report report, Exception error)
    {
        // A run that is not returned counts as a loss: a pity, and no more than that.
        if (report.Run is { IsOver: true } || (report.Command is ReturnStep && (_isHalted || report.Tries >= ReturnTriesMax)))
        {
            Settle(report);
            return;
        }
        switch (error)
        {
            case AskTimeoutException or OverloadedException or StoreException:
                break;
            case OutcomeUnknownException or InvalidCommandIdException:
                // Asked for so long that its id is forgotten, or the clock was set. The entity takes each of these commands once by their
                // content, too. The pause grows all the same, lest a clock that is off lets us spin.
                report.CommandId = null;
                break;
            default:
                // Its shard is with another owner, say, or it is quarantined, or it could not encode what it was told.
                Settle(report);
                if (report.Run is { } run) SetBack(run, error);
                else if (_setbacks.TryGetValue(report.Id, out var setback)) ProbeLater(report.Id, setback, error);
                else LogGivenUp(Log, report.Id, report.Command.GetType().Name, error);
                return;
        }
        if (error is StoreException store) OnStoreFailed(report.Id, store);
        var delay = ReportBackoff.Delay(report.Tries, Context.Random);
        if (error is OverloadedException full && full.RetryAfter > delay) delay = full.RetryAfter;
        LogReportFailed(Log, report.Id, report.Command.GetType().Name, delay, error);
        Context.Timers.StartOnce(report, delay, new ReportAgain(report));
    }

    /// <summary>We go on trying; but who waits for the job is told what stands in its way, if that needs somebody to do
    /// something.</summary>
    private void OnStoreFailed(EntityId id, StoreException error)
    {
        if (!error.IsTransient) _watchers.Fail(id, error);
    }
}
