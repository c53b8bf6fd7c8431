using System.Text.Json.Serialization;

namespace ActorGrid.Jobs;

/// <summary>What happened to a job, as its journal holds it. Payloads are not in the events but in attachments, written in the same
/// commit.</summary>
[JsonDerivedType(typeof(JobSubmitted), "submitted")]
[JsonDerivedType(typeof(JobSplit), "split")]
[JsonDerivedType(typeof(StepStarted), "started")]
[JsonDerivedType(typeof(StepReturned), "returned")]
[JsonDerivedType(typeof(PartDone), "done")]
[JsonDerivedType(typeof(StepFailed), "step-failed")]
[JsonDerivedType(typeof(JobCompleted), "completed")]
[JsonDerivedType(typeof(JobFailed), "failed")]
[JsonDerivedType(typeof(JobCancelled), "cancelled")]
[JsonDerivedType(typeof(JobTidied), "tidied")]
[JsonDerivedType(typeof(JobExpired), "expired")]
internal abstract record JobEvent;

/// <summary>The first of all. The attachment <c>job</c> holds what was submitted.</summary>
/// <param name="Hash">SHA-256 of what was submitted, in hexadecimal: tells the same job from another one under its id.</param>
/// <param name="Policy">What it was submitted under.</param>
/// <param name="AtUnixMs">When.</param>
/// <param name="Priority">How urgent it is.</param>
/// <param name="Submitter">Whose it is; null: nobody has said.</param>
/// <param name="Trace">The span of the submission, as a <c>traceparent</c> of W3C Trace Context; null: nobody followed it.</param>
internal sealed record JobSubmitted(
    string Hash, JobPolicy Policy, long AtUnixMs, JobPriority Priority = JobPriority.Normal, string? Submitter = null, string? Trace = null) : JobEvent;

/// <summary>The options of a job that its decisions hang on; kept with the job, so that it goes on as it began.</summary>
/// <param name="AttemptsMax"><see cref="JobOptions.AttemptsMax"/>.</param>
/// <param name="LossesMax"><see cref="JobOptions.LossesMax"/>.</param>
/// <param name="Retention"><see cref="JobOptions.Retention"/>.</param>
internal sealed record JobPolicy(int AttemptsMax, int LossesMax, TimeSpan? Retention)
{
    public static JobPolicy Of(JobOptions options) => new(options.AttemptsMax, options.LossesMax, options.Retention);
}

/// <summary>The parts are known. The attachment <c>parts</c> holds them.</summary>
/// <param name="Total">How many.</param>
/// <param name="UnitsTotal">The sum of their weights.</param>
internal sealed record JobSplit(int Total, long UnitsTotal) : JobEvent;

/// <summary>A step was given to a worker.</summary>
/// <param name="Step">The number of the part, or one of <see cref="JobStep"/>.</param>
internal sealed record StepStarted(int Step) : JobEvent;

/// <summary>A run of a step was ended for no fault of its own, since its node or its job's node stopped in order: no loss.</summary>
/// <param name="Step">The number of the part, or one of <see cref="JobStep"/>.</param>
/// <param name="Start">The number of its start, from 1.</param>
internal sealed record StepReturned(int Step, int Start) : JobEvent;

/// <summary>A part is done, for good. The attachment <c>partial/N</c> holds its partial result.</summary>
/// <param name="Part">The number of the part.</param>
/// <param name="Units">Its weight.</param>
internal sealed record PartDone(int Part, long Units) : JobEvent;

/// <summary>An attempt failed, and there will be another one.</summary>
/// <param name="Step">The number of the part, or one of <see cref="JobStep"/>.</param>
internal sealed record StepFailed(int Step) : JobEvent;

/// <summary>An attempt failed, and with it the job. Nothing but tidying up comes after.</summary>
/// <param name="Failure">The failure.</param>
/// <param name="AtUnixMs">When.</param>
internal sealed record JobFailed(JobFailure Failure, long AtUnixMs) : JobEvent;

/// <summary>All is done. The attachment <c>result</c> holds the result. Nothing but tidying up comes after.</summary>
/// <param name="AtUnixMs">When.</param>
internal sealed record JobCompleted(long AtUnixMs) : JobEvent;

/// <summary>Somebody did not want it any more. Nothing but tidying up comes after.</summary>
/// <param name="AtUnixMs">When.</param>
internal sealed record JobCancelled(long AtUnixMs) : JobEvent;

/// <summary>Attachments that an ended job needs no more were removed.</summary>
/// <param name="UpTo">Those of parts below this number; all, if it is the number of parts.</param>
internal sealed record JobTidied(int UpTo) : JobEvent;

/// <summary>The result was kept as long as it was to be, and is gone.</summary>
internal sealed record JobExpired : JobEvent;
