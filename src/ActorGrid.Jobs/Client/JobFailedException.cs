using System.Globalization;

namespace ActorGrid.Jobs;

/// <summary>A job failed; the message names the job, the part, the attempt, the node and the cause.</summary>
public sealed class JobFailedException : Exception
{
    internal JobFailedException(JobInfo job)
        : base(Describe(job)) => Job = job;

    /// <summary>Where the job stands.</summary>
    public JobInfo Job { get; }

    /// <summary>Why it failed.</summary>
    public JobFailure Failure => Job.Failure!;

    private static string Describe(JobInfo job) => string.Create(
        CultureInfo.InvariantCulture,
        $"The job {job.Type}/{job.Id} failed: {job.Failure!.Step}, attempt {job.Failure.Attempt} on {job.Failure.Node}: "
        + $"{job.Failure.Cause}");
}

/// <summary>The result of a job was asked for, and the job was cancelled.</summary>
public sealed class JobCancelledException : OperationCanceledException
{
    internal JobCancelledException(JobInfo job)
        : base($"The job {job.Type}/{job.Id} was cancelled.") => Job = job;

    /// <summary>Where the job stands.</summary>
    public JobInfo Job { get; }
}
