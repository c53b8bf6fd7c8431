namespace ActorGrid.Jobs;

/// <summary>How far a job is.</summary>
/// <param name="Status">The stage of the job; the last one of a stream is final.</param>
/// <param name="Done">How many parts are done.</param>
/// <param name="Total">How many parts there are; 0 while the job is being split.</param>
/// <param name="UnitsDone">The weight that is done, that reported by running parts included, in units of the job's choice.</param>
/// <param name="UnitsTotal">The weight of all parts.</param>
/// <param name="UnitsPerSecond">How fast it goes at present, 0 if that is not known.</param>
/// <param name="TimeLeft">How long it will take at this rate, or null if that is not known.</param>
/// <param name="Failures">How many attempts have failed so far.</param>
public sealed record JobProgress(
    JobStatus Status, int Done, int Total, long UnitsDone, long UnitsTotal, double UnitsPerSecond, TimeSpan? TimeLeft, int Failures)
{
    /// <summary>Whether the job has ended, one way or the other.</summary>
    public bool IsFinal => Status is JobStatus.Completed or JobStatus.Failed or JobStatus.Cancelled;

    /// <summary>What the journal says of a job.</summary>
    internal static JobProgress Of(JobInfo job, double unitsPerSecond = 0) => new(
        job.Status, job.Done, job.Total, job.UnitsDone, job.UnitsTotal, unitsPerSecond, job.EndedAt is null ? null : TimeSpan.Zero, job.Failures);
}
