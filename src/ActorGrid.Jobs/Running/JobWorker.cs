using System.Diagnostics;
using ActorGrid.Actors;
using ActorGrid.Persistence;

namespace ActorGrid.Jobs;

/// <summary>Does one piece of work at a time, on a dispatcher of its own, so that a part that computes for an hour holds up nothing
/// else.</summary>
internal sealed class JobWorker(int number, ActorRef<RunnerMessage> runner, IEventJournal journal) : Actor<WorkItem>
{
    protected override async ValueTask OnMessageAsync(WorkItem work) => runner.Tell(await DoAsync(work));

    private async ValueTask<WorkEnded> DoAsync(WorkItem work)
    {
        var span = Spans.AreWanted ? work.StartSpan() : null;
        // Until this returns: what the code of the job traces belongs under it.
        if (span is not null) Activity.Current = span;
        WorkEnded ended;
        try
        {
            // A part may run into its cancellation before it has begun.
            work.Cancellation.Token.ThrowIfCancellationRequested();
            ended = new WorkEnded(number, work, await work.ExecuteAsync(journal), Error: null, IsPermanent: false);
        }
        catch (Exception error)
        {
            ended = new WorkEnded(number, work, Outcome: null, error, IsPermanent(work, error));
        }
        if (span is not null) JobSpans.End(span, ended.Error);
        return ended;
    }

    private static bool IsPermanent(WorkItem work, Exception error)
    {
        try
        {
            return work.IsPermanent(error);
        }
        catch (Exception)
        {
            // A job that cannot even judge its failure is not tried again; the failure itself is what its caller reads.
            return true;
        }
    }
}

/// <summary>
/// Cancels work, then ends. An actor for each time, since what a job registered with its token runs within the call: if that blocks, it
/// blocks nobody.
/// </summary>
internal sealed partial class JobCanceller(IReadOnlyCollection<WorkItem> work) : Actor<WorkItem>
{
    protected override ValueTask OnStartAsync()
    {
        foreach (var one in work)
        {
            if (one.Cancellation.CancelInline() is { } error) LogCallbackFailed(Context.Logger, one.Job, JobStep.Name(one.Step), error);
        }
        Context.StopSelf();
        return default;
    }

    protected override ValueTask OnMessageAsync(WorkItem message) => default;

    [Microsoft.Extensions.Logging.LoggerMessage(
        120, Microsoft.Extensions.Logging.LogLevel.Warning, "What {Job} registered to be called when {Step} is cancelled has thrown")]
    private static partial void LogCallbackFailed(Microsoft.Extensions.Logging.ILogger logger, EntityId job, string step, Exception error);
}
