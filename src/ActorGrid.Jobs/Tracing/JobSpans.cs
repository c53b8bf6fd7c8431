using System.Diagnostics;
using System.Globalization;
using ActorGrid.Persistence;

namespace ActorGrid.Jobs;

/// <summary>
/// The spans of a job: its submission, each time that a node has it in hand, and each piece of work that runs its code, wherever that is done. The span of the submission is kept with the job, so its trace goes on
/// after a fail-over.
/// </summary>
internal static class JobSpans
{
    /// <summary>The length of a span as it is kept: that of a <c>traceparent</c> of W3C Trace Context.</summary>
    public const int TextLength = 55;

    /// <summary>Follows a submission to its end.</summary>
    /// <param name="job">The job.</param>
    /// <param name="caller">The current span of whoever submits it; none: it has none.</param>
    /// <param name="submit">Submits it, with the span that its owner goes on with; null: nobody follows it.</param>
    public static async Task<T> SubmitAsync<T>(EntityId job, ActivityContext caller, Func<string?, Task<T>> submit)
    {
        if (!Spans.AreWanted) return await submit(null);
        if (Start("submit", ActivityKind.Producer, job, caller) is not { } span)
        {
            // The caller's trace is not recorded, and the owner has to learn of that: or it would begin a trace.
            return await submit(Text(caller));
        }
        try
        {
            var submitted = await Spans.Within(span, () => submit(Text(span.Context)));
            Spans.End(span);
            return submitted;
        }
        catch (Exception e)
        {
            End(span, e);
            throw;
        }
    }

    /// <summary>A node takes a job in hand; null if nobody wants that span.</summary>
    /// <param name="job">The job.</param>
    /// <param name="submission">The span of its submission, as it is kept; null: it has none.</param>
    public static Activity? Run(EntityId job, string? submission) => Spans.AreWanted ? Start("run", ActivityKind.Consumer, job, Parse(submission)) : null;

    /// <summary>A worker begins with a piece of work; null if nobody wants that span.</summary>
    /// <param name="work">The piece.</param>
    /// <param name="attempt">The number of the attempt.</param>
    /// <param name="run">The span that it belongs under; none: it begins a trace.</param>
    /// <param name="kind">Whether it comes from another node (consumer), or from this one (internal).</param>
    public static Activity? Work(WorkItem work, int attempt, ActivityContext run, ActivityKind kind)
    {
        string name = work.Step switch
        {
            JobStep.Split => "split",
            JobStep.Combine => "combine",
            _ => "part",
        };
        var span = Start(name, kind, work.Job, run);
        if (span is not { IsAllDataRequested: true }) return span;
        if (work.Step >= 0) span.SetTag("actorgrid.job.part", work.Step);
        return span.SetTag("actorgrid.job.attempt", attempt);
    }

    /// <summary>The span of a run as others refer to it: its own, or else that of the submission.</summary>
    public static ActivityContext ContextOf(Activity? run, string? submission) => run?.Context ?? Parse(submission);

    /// <summary>A node has a job in hand no more: it has ended, or goes on elsewhere or later.</summary>
    public static void End(Activity run, JobState state)
    {
        if (run.IsAllDataRequested) run.SetTag("actorgrid.job.status", state.IsUnfinished ? "let-go" : state.Status?.ToString().ToLowerInvariant());
        if (state.Failure is { } failure) Spans.End(run, typeof(JobFailedException).FullName, failure.Cause);
        else Spans.End(run);
    }

    /// <summary>A piece of work, or a submission, has ended.</summary>
    /// <param name="span">Its span.</param>
    /// <param name="error">Null: well.</param>
    public static void End(Activity span, Exception? error) => Spans.End(span, error?.GetType().FullName, error?.Message);

    private static Activity? Start(string name, ActivityKind kind, EntityId job, ActivityContext parent)
    {
        var span = Spans.Start($"{JobAddress.TypeOf(job)}/{name}", kind, parent);
        if (span is { IsAllDataRequested: true }) span.SetTag("actorgrid.entity", job.ToString());
        return span;
    }

    private static string? Text(ActivityContext span) => Spans.IsIdentified(span)
        ? string.Create(CultureInfo.InvariantCulture, $"00-{span.TraceId}-{span.SpanId}-{(span.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) ? "01" : "00")}")
        : null;

    private static ActivityContext Parse(string? text) => ActivityContext.TryParse(text, traceState: null, isRemote: true, out var span) ? span : default;
}
