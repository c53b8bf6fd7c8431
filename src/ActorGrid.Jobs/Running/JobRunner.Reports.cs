using ActorGrid.Actors;
using ActorGrid.Persistence;

namespace ActorGrid.Jobs;

/// <content>What the runner reports to the jobs' entities, and what follows from their answers. Nothing counts before it is
/// durable.</content>
internal sealed partial class JobRunner
{
    private void Send(Report report)
    {
        if (report.Run is { IsOver: true })
        {
            Settle(report);
            return;
        }
        if (report.Tries++ == 0) report.CommandId = CommandId.New(Context.Time.GetUtcNow(), Context.Random);
        var answer = _router!.AskAsync(report.Id, report.Command, new AskOptions { CommandId = report.CommandId });
        Context.PipeToSelf(answer, verdict => new Reported(report, verdict), error => new ReportFailed(report, error));
    }

    /// <summary>A report is over, one way or the other.</summary>
    private void Settle(Report report)
    {
        if (report.Command is FinishPart) _recording--;
        if (report.Work is { } work) work.Run.Begun.Remove(work);
    }

    private void OnReported(Report report, Verdict verdict)
    {
        Settle(report);
        if (report.Run is not { IsOver: false } run) return;
        switch (report.Command)
        {
            case StartStep start when report.Outcome is not null && verdict.Taken:
                run.Announced(start.Step);
                break;
            case FinishSplit when verdict.Taken:
                run.HasParts((PartList)report.Outcome!);
                break;
            case FinishSplit:
                run.Reopen();
                break;
            case FinishPart part when verdict.Taken:
                JobMetrics.PartsRun.Add(1, JobMetrics.Of(run));
                run.PartDone(part.Part, report.Outcome!);
                break;
            case FinishPart part:
                run.PartWasDone(part.Part);
                break;
            case FailStep fail when verdict.Taken && !fail.IsPermanent:
                var delay = run.Type.Options.Backoff.Delay(report.Work!.Attempt - 1, Context.Random);
                Context.Timers.StartOnce(report, delay, new RetryDue(run, fail.Step));
                break;
        }
    }

    private void OnReportFailed(Report report, Exception error)
    {
        if (report.Run is { IsOver: true })
        {
            Settle(report);
            return;
        }
        switch (error)
        {
            case AskTimeoutException or OverloadedException or StoreException:
                break;
            case OutcomeUnknownException:
                // Asked for so long that its id is forgotten. The entity takes each of these commands once by their content, too.
                report.Tries = 0;
                break;
            default:
                // Its shard is with another owner, say, or it is quarantined. If it recovers here we hear of it again.
                Settle(report);
                if (report.Run is { } run) Abandon(run, error);
                return;
        }
        if (error is StoreException store) OnStoreFailed(report.Id, store);
        var delay = ReportBackoff.Delay(report.Tries, Context.Random);
        LogReportFailed(Context.Logger, report.Id, report.Command.GetType().Name, delay, error);
        Context.Timers.StartOnce(report, delay, new ReportAgain(report));
    }

    /// <summary>We go on trying; but who waits for the job is told what stands in its way, if that needs somebody to do
    /// something.</summary>
    private void OnStoreFailed(EntityId id, StoreException error)
    {
        if (!error.IsTransient) _watchers.Fail(id, error);
    }
}
