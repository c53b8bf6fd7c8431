using ActorGrid.Persistence;

namespace ActorGrid.Jobs;

/// <summary>A caller submits the job. Once is enough; again with the same content is harmless.</summary>
/// <param name="Hash">See <see cref="JobSubmitted"/>.</param>
/// <param name="Policy">What it is submitted under.</param>
/// <param name="Job">The job, encoded.</param>
/// <param name="Priority">How urgent it is.</param>
/// <param name="Submitter">Whose it is; null: nobody has said.</param>
/// <param name="MayRefuse">Whether the caller understands <see cref="JobReply.Refused"/>. One of an older version takes every reply for a success, so it is given a rejection.</param>
/// <param name="Trace">The span of the submission; null: nobody follows it.</param>
internal sealed record SubmitJob(
    string Hash, JobPolicy Policy, ReadOnlyMemory<byte> Job, JobPriority Priority = JobPriority.Normal, string? Submitter = null, bool MayRefuse = false, string? Trace = null)
    : ICommand<JobEntity, JobReply>;

/// <summary>A caller wants to know.</summary>
internal sealed record GetJob : ICommand<JobEntity, JobReply>;

/// <summary>A caller does not want it any more.</summary>
internal sealed record CancelJob : ICommand<JobEntity, JobReply>;

/// <summary>A worker begins with a step.</summary>
/// <param name="Step">The step.</param>
/// <param name="Node">Where.</param>
/// <param name="Start">The number of the start, from 1: each counts once, however often it is reported.</param>
internal sealed record StartStep(int Step, string Node, int Start) : ICommand<JobEntity, Verdict>;

/// <summary>A run of a step was ended before its time, for no fault of its own.</summary>
/// <param name="Step">The step.</param>
/// <param name="Start">The number of its start: each is returned once, however often it is reported.</param>
internal sealed record ReturnStep(int Step, int Start) : ICommand<JobEntity, Verdict>;

/// <summary>A worker has split the job.</summary>
internal sealed record FinishSplit(int Total, long UnitsTotal, ReadOnlyMemory<byte> Parts) : ICommand<JobEntity, Verdict>;

/// <summary>A worker has done a part.</summary>
internal sealed record FinishPart(int Part, long Units, ReadOnlyMemory<byte> Partial) : ICommand<JobEntity, Verdict>;

/// <summary>An attempt of a step failed.</summary>
/// <param name="Step">The step.</param>
/// <param name="Node">Where.</param>
/// <param name="Cause">Why.</param>
/// <param name="IsPermanent">Whether it would fail again and again.</param>
/// <param name="Attempt">The number of the attempt, from 1: each counts once, however often it is reported.</param>
internal sealed record FailStep(int Step, string Node, string Cause, bool IsPermanent, int Attempt) : ICommand<JobEntity, Verdict>;

/// <summary>All parts are done and combined.</summary>
internal sealed record CompleteJob(ReadOnlyMemory<byte> Result) : ICommand<JobEntity, Verdict>;

/// <summary>The job has ended, and there are attachments that it needs no more.</summary>
internal sealed record TidyJob : ICommand<JobEntity, Verdict>;

/// <summary>The retention is over.</summary>
internal sealed record ExpireJob : ICommand<JobEntity, Verdict>;

/// <summary>Where the job stands, or nothing if there is no such job.</summary>
/// <param name="Job">Where it stands.</param>
/// <param name="Refused">Why it was not submitted, if its node has too many.</param>
internal sealed record JobReply(JobInfo? Job, JobRefusal? Refused = null);

/// <summary>An <see cref="Actors.OverloadedException"/> on its way to the caller.</summary>
internal sealed record JobRefusal(string Bound, long Limit, string Option, long RetryAfterMs);

/// <summary>Whether what a worker reported was taken, or came too late and changed nothing.</summary>
/// <param name="Taken">False: somebody else was first.</param>
internal sealed record Verdict(bool Taken)
{
    public static Verdict Yes { get; } = new(true);

    public static Verdict TooLate { get; } = new(false);
}
