using System.Globalization;
using ActorGrid.Persistence;

namespace ActorGrid.Jobs;

/// <summary>
/// A job as an entity: what callers want of it and what workers report become events, and the first in the journal wins. It decides what
/// counts; it runs nothing. The runner learns of each durable state and gives out what is missing, after a commit as after a restart.
/// </summary>
/// <remarks>
/// Invariants: a part is done at most once; after <see cref="JobCompleted"/>, <see cref="JobFailed"/> or <see cref="JobCancelled"/>, of
/// which there is at most one, nothing comes but <see cref="JobTidied"/> and <see cref="JobExpired"/>; there is a result if and only if the
/// job completed and has not expired.
/// </remarks>
internal sealed class JobEntity : Entity<JobEntity, JobState, JobEvent>
{
    /// <summary>So many attachments are removed in one commit, lest a large job's end hold up its neighbours.</summary>
    internal const int TidyPartsMax = 1000;

    private readonly OpenJobs? _open;

    /// <summary>For a place where no job is run.</summary>
    public JobEntity()
        : this(open: null)
    {
    }

    /// <summary>For a node.</summary>
    /// <param name="open">Whether there is room for one more. It is asked when a job is submitted, and of all that is decided nothing else hangs on it.</param>
    public JobEntity(OpenJobs? open)
    {
        _open = open;
        On<SubmitJob, JobReply>("submit", Submit);
        On<GetJob, JobReply>("get", (job, _, at) => Answer(Describe(job, at)));
        On<CancelJob, JobReply>("cancel", (job, _, at) => job.Status is null ? Reject($"There is no job '{at.Entity.Key}' to cancel.")
            : job.IsUnfinished ? End(job, new JobCancelled(Now(at))).Reply(after => Describe(after, at))
            : Answer(Describe(job, at)));

        On<StartStep, Verdict>("start", Start);
        On<ReturnStep, Verdict>("return", Return);
        On<FinishSplit, Verdict>("finish-split", (job, c, _) => job.Status != JobStatus.Splitting ? Answer(Verdict.TooLate)
            : Persist(new JobSplit(c.Total, c.UnitsTotal)).ThenAttach(JobAttachment.Parts, c.Parts).Reply(_ => Verdict.Yes));
        On<FinishPart, Verdict>("finish-part", FinishPart);
        On<FailStep, Verdict>("fail", Fail);
        On<CompleteJob, Verdict>("complete", Complete);
        On<TidyJob, Verdict>("tidy", (job, _, _) => job.Status is null || job.IsUnfinished || job.IsTidy ? Answer(Verdict.TooLate)
            : Tidy(job, []).Reply(_ => Verdict.Yes));
        On<ExpireJob, Verdict>("expire", (job, _, _) => job.Status is null || job.IsUnfinished || job.IsExpired ? Answer(Verdict.TooLate)
            : Persist(new JobExpired()).ThenDetach(JobAttachment.Result).Reply(_ => Verdict.Yes));
    }

    public override JobState Initial => JobState.None;

    public override JobState Apply(JobState state, JobEvent e) => state.Apply(e) ?? throw Unknown(e);

    private Effect<JobEntity, JobReply> Submit(JobState job, SubmitJob c, CommandContext at)
    {
        if (job.Status is null)
        {
            if (_open?.TryEnter(at.Entity, c.Submitter ?? "") is { } full)
            {
                return c.MayRefuse
                    ? Answer(new JobReply(Job: null, new JobRefusal(full.Bound, full.Limit, full.Option, (long)full.RetryAfter.TotalMilliseconds)))
                    : Reject(full.Message);
            }
            string? trace = c.Trace is { Length: JobSpans.TextLength } ? c.Trace : null;
            return Persist(new JobSubmitted(c.Hash, c.Policy, Now(at), c.Priority, c.Submitter, trace)).ThenAttach(JobAttachment.Job, c.Job).ThenStayActive()
                .Reply(after => Describe(after, at));
        }
        return job.Hash == c.Hash
            ? Answer(Describe(job, at))
            : Reject($"There is another job under the id '{JobAddress.IdOf(at.Entity)}': choose another id, "
                + "or submit exactly the same job to get at the one that is there.");
    }

    private static Effect<JobEntity, Verdict> Start(JobState job, StartStep c, CommandContext at)
    {
        if (!IsOpen(job, c.Step)) return Answer(Verdict.TooLate);

        // The runner starts a step anew only when it knows that the last run is over. So whatever was started before and did not fail is
        // a run that went down with its process, and a step of which that happens again and again is what takes the process down.
        var track = job.Track(c.Step);
        if (c.Start <= track.Starts) return Answer(Verdict.Yes);
        if (track.Losses < job.Policy.LossesMax) return Persist(new StepStarted(c.Step)).Reply(_ => Verdict.Yes);
        string cause = string.Create(CultureInfo.InvariantCulture, $"Its process went down {track.Losses} times while it ran.");
        return End(job, new JobFailed(Failure(c.Step, track.Starts, c.Node, cause), Now(at))).Reply(_ => Verdict.TooLate);
    }

    /// <summary>Runs of a step come one after the other, so a return that is not newer than the last has come again.</summary>
    private static Effect<JobEntity, Verdict> Return(JobState job, ReturnStep c, CommandContext at)
    {
        if (!IsOpen(job, c.Step)) return Answer(Verdict.TooLate);
        var track = job.Track(c.Step);
        bool counts = c.Start <= track.Starts && c.Start > track.LastReturned && track.Losses > 0;
        return counts ? Persist(new StepReturned(c.Step, c.Start)).Reply(_ => Verdict.Yes) : Answer(Verdict.Yes);
    }

    private static Effect<JobEntity, Verdict> FinishPart(JobState job, FinishPart c, CommandContext at) => !IsOpen(job, c.Part)
        ? Answer(Verdict.TooLate)
        : Persist(new PartDone(c.Part, c.Units)).ThenAttach(JobAttachment.Partial(c.Part), c.Partial).Reply(_ => Verdict.Yes);

    private static Effect<JobEntity, Verdict> Complete(JobState job, CompleteJob c, CommandContext at) =>
        job.Status != JobStatus.Running || job.Done.Count != job.Total
            ? Answer(Verdict.TooLate)
            : End(job, new JobCompleted(Now(at))).ThenAttach(JobAttachment.Result, c.Result).Reply(_ => Verdict.Yes);

    private static Effect<JobEntity, Verdict> Fail(JobState job, FailStep c, CommandContext at)
    {
        if (!IsOpen(job, c.Step)) return Answer(Verdict.TooLate);
        int attempt = job.Track(c.Step).Failures + 1;
        if (!c.IsPermanent && c.Attempt < attempt) return Answer(Verdict.Yes);
        return c.IsPermanent || attempt >= job.Policy.AttemptsMax
            ? End(job, new JobFailed(Failure(c.Step, attempt, c.Node, c.Cause), Now(at))).Reply(_ => Verdict.Yes)
            : Persist(new StepFailed(c.Step)).Reply(_ => Verdict.Yes);
    }

    private static bool IsOpen(JobState job, int step) => step switch
    {
        JobStep.Split => job.Status == JobStatus.Splitting,
        JobStep.Combine or JobStep.Open => job.IsUnfinished,
        _ => job.Status == JobStatus.Running && step < job.Total && !job.Done.Contains(step),
    };

    private static Persisting<JobEntity, JobState, JobEvent> End(JobState job, JobEvent end)
    {
        var effect = Tidy(job, [end]);
        return job.Policy.Retention is { } retention ? effect.ThenRemind("expire", retention, new ExpireJob()) : effect;
    }

    /// <summary>Removes what an ended job needs no more, a bounded number at a time; once all is gone, the entity may rest.</summary>
    private static Persisting<JobEntity, JobState, JobEvent> Tidy(JobState job, JobEvent[] before)
    {
        int upTo = Math.Min(job.TidiedTo + TidyPartsMax, job.Total);
        var effect = Persist([.. before, new JobTidied(upTo)]);
        for (int part = job.TidiedTo; part < upTo; part++)
        {
            if (job.Done.Contains(part)) effect = effect.ThenDetach(JobAttachment.Partial(part));
        }
        return upTo < job.Total ? effect : effect.ThenDetach(JobAttachment.Job).ThenDetach(JobAttachment.Parts).ThenRest();
    }

    private static JobFailure Failure(int step, int attempt, string node, string cause) =>
        new(JobStep.Name(step), step < 0 ? null : step, attempt, node, cause);

    private static JobReply Describe(JobState job, CommandContext at) => new(job.ToInfo(at.Entity));

    private static long Now(CommandContext at) => at.Now.ToUnixTimeMilliseconds();
}
