using System.Text.Json.Serialization;

namespace ActorGrid.Jobs;

/// <summary>Where a job stands, as its journal says.</summary>
public sealed record JobInfo
{
    /// <summary>The id of the job.</summary>
    public required string Id { get; init; }

    /// <summary>The name of its type.</summary>
    public required string Type { get; init; }

    /// <summary>What it is about.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)] // JobJson leaves default values out, and a required one has to be there.
    public required JobStatus Status { get; init; }

    /// <summary>How many parts are done.</summary>
    public int Done { get; init; }

    /// <summary>How many parts there are; 0 while the job is being split.</summary>
    public int Total { get; init; }

    /// <summary>The weight of the parts that are done, in units of the job's choice.</summary>
    public long UnitsDone { get; init; }

    /// <summary>The weight of all parts.</summary>
    public long UnitsTotal { get; init; }

    /// <summary>How many attempts have failed so far.</summary>
    public int Failures { get; init; }

    /// <summary>How urgent it is.</summary>
    public JobPriority Priority { get; init; }

    /// <summary>On whose behalf it was submitted; null if nobody has said.</summary>
    public string? Submitter { get; init; }

    /// <summary>When it was submitted.</summary>
    public DateTimeOffset SubmittedAt { get; init; }

    /// <summary>When it ended, or null.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Why it failed, or null.</summary>
    public JobFailure? Failure { get; init; }

    /// <summary>Whether its result is gone, since <see cref="JobOptions.Retention"/> is over.</summary>
    public bool IsExpired { get; init; }
}

/// <summary>The stages of a job.</summary>
public enum JobStatus
{
    /// <summary>It is being split into parts.</summary>
    Splitting,

    /// <summary>Its parts are run and combined.</summary>
    Running,

    /// <summary>It has a result. Final.</summary>
    Completed,

    /// <summary>It failed. Final.</summary>
    Failed,

    /// <summary>It was cancelled before it had a result. Final.</summary>
    Cancelled,
}

/// <summary>Why a job failed.</summary>
/// <param name="Step">What failed: <c>the split</c>, <c>part N</c> or <c>combining the partial results</c>.</param>
/// <param name="Part">The number of the part, or null if it was not a part.</param>
/// <param name="Attempt">The number of the attempt that was the last, from 1.</param>
/// <param name="Node">The node that it ran on.</param>
/// <param name="Cause">What was thrown: its type and message, and those of what led to it.</param>
public sealed record JobFailure(string Step, int? Part, int Attempt, string Node, string Cause)
{
    /// <summary>The most characters of a cause; what is longer is cut off.</summary>
    internal const int CauseLengthMax = 4000;

    /// <summary>The types and messages of an exception and of those that led to it.</summary>
    internal static string Describe(Exception error)
    {
        var text = new System.Text.StringBuilder();
        for (Exception? e = error; e is not null && text.Length < CauseLengthMax; e = e.InnerException)
        {
            if (text.Length > 0) text.Append(" <- ");
            if (e is not JobPartException) text.Append(e.GetType().Name).Append(": ");
            text.Append(e.Message);
        }
        return text.ToString(0, Math.Min(text.Length, CauseLengthMax));
    }
}
