namespace ActorGrid.Jobs;

/// <summary>There is another job under this id.</summary>
/// <param name="message">Which id, and the remedy.</param>
public sealed class JobConflictException(string message) : Exception(message);

/// <summary>The result of a job was asked for, and its retention (<see cref="JobOptions.Retention"/>) is over.</summary>
/// <param name="job">Where the job stands.</param>
public sealed class JobExpiredException(JobInfo job)
    : Exception($"The result of the job {job.Type}/{job.Id}, which ended at {job.EndedAt:O}, is gone: its retention is over.")
{
    /// <summary>Where the job stands.</summary>
    public JobInfo Job { get; } = job;
}
