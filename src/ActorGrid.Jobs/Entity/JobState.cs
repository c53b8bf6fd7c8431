using System.Collections.Immutable;
using ActorGrid.Persistence;

namespace ActorGrid.Jobs;

/// <summary>What is known of a job: what its events add up to.</summary>
internal sealed record JobState
{
    /// <summary>A job that nobody has submitted.</summary>
    public static JobState None { get; } = new();

    /// <summary>Null: nobody has submitted it.</summary>
    public JobStatus? Status { get; init; }

    public string Hash { get; init; } = "";

    public JobPolicy Policy { get; init; } = JobPolicy.Of(new JobOptions());

    public long SubmittedAtUnixMs { get; init; }

    public JobPriority Priority { get; init; }

    /// <summary>Null: nobody has said whose it is.</summary>
    public string? Submitter { get; init; }

    /// <summary>The span of its submission; null: nobody followed it.</summary>
    public string? Trace { get; init; }

    public long EndedAtUnixMs { get; init; }

    public int Total { get; init; }

    public long UnitsTotal { get; init; }

    /// <summary>The parts whose partial results are durable.</summary>
    public PartSet Done { get; init; } = PartSet.Empty;

    public long UnitsDone { get; init; }

    /// <summary>The steps that were started and are not done. Few: those with the workers, those that wait for another attempt, those that
    /// a dead process had.</summary>
    public ImmutableSortedDictionary<int, StepTrack> Open { get; init; } = ImmutableSortedDictionary<int, StepTrack>.Empty;

    /// <summary>How many attempts have failed.</summary>
    public int Failures { get; init; }

    /// <summary>Why it failed, if it did.</summary>
    public JobFailure? Failure { get; init; }

    /// <summary>Of an ended job: the attachments of parts below this number are gone.</summary>
    public int TidiedTo { get; init; }

    public bool IsTidy { get; init; }

    public bool IsExpired { get; init; }

    public bool IsUnfinished => Status is JobStatus.Splitting or JobStatus.Running;

    public StepTrack Track(int step) => Open.GetValueOrDefault(step, StepTrack.None);

    /// <summary>The state after an event, or null if the event is not known.</summary>
    public JobState? Apply(JobEvent e) => e switch
    {
        JobSubmitted submitted =>
            new JobState
            {
                Status = JobStatus.Splitting,
                Hash = submitted.Hash,
                Policy = submitted.Policy,
                SubmittedAtUnixMs = submitted.AtUnixMs,
                Priority = submitted.Priority,
                Submitter = submitted.Submitter,
                Trace = submitted.Trace,
            },
        JobSplit split =>
            this with { Status = JobStatus.Running, Total = split.Total, UnitsTotal = split.UnitsTotal, Open = Open.Remove(JobStep.Split) },
        StepStarted started => this with { Open = Open.SetItem(started.Step, Track(started.Step).Started()) },
        StepReturned returned => this with { Open = Open.SetItem(returned.Step, Track(returned.Step).Returned(returned.Start)) },
        PartDone done => this with { Done = Done.Add(done.Part), UnitsDone = UnitsDone + done.Units, Open = Open.Remove(done.Part) },
        StepFailed failed => this with { Failures = Failures + 1, Open = Open.SetItem(failed.Step, Track(failed.Step).Failed()) },
        JobFailed failed => End(JobStatus.Failed, failed.AtUnixMs) with { Failures = Failures + 1, Failure = failed.Failure },
        JobCompleted completed => End(JobStatus.Completed, completed.AtUnixMs),
        JobCancelled cancelled => End(JobStatus.Cancelled, cancelled.AtUnixMs),
        JobTidied tidied => this with { TidiedTo = tidied.UpTo, IsTidy = tidied.UpTo == Total },
        JobExpired => this with { IsExpired = true },
        _ => null,
    };

    public JobInfo? ToInfo(EntityId job) => Status is null ? null : new JobInfo
    {
        Id = JobAddress.IdOf(job),
        Type = JobAddress.TypeOf(job),
        Status = Status.Value,
        Done = Done.Count,
        Total = Total,
        UnitsDone = UnitsDone,
        UnitsTotal = UnitsTotal,
        Failures = Failures,
        Priority = Priority,
        Submitter = Submitter,
        SubmittedAt = DateTimeOffset.FromUnixTimeMilliseconds(SubmittedAtUnixMs),
        EndedAt = IsUnfinished ? null : DateTimeOffset.FromUnixTimeMilliseconds(EndedAtUnixMs),
        Failure = Failure,
        IsExpired = IsExpired,
    };

    private JobState End(JobStatus status, long atUnixMs) =>
        this with { Status = status, EndedAtUnixMs = atUnixMs, Open = ImmutableSortedDictionary<int, StepTrack>.Empty };
}

/// <summary>The attempts of a step that is not done.</summary>
/// <param name="Starts">How often it was given to a worker.</param>
/// <param name="Failures">How many of these runs failed.</param>
/// <param name="Returns">How many of these runs were ended for no fault of their own.</param>
/// <param name="LastReturned">The number of the last start whose run was returned; 0: none.</param>
internal readonly record struct StepTrack(int Starts, int Failures, int Returns = 0, int LastReturned = 0)
{
    public static StepTrack None => default;

    public StepTrack Started() => this with { Starts = Starts + 1 };

    public StepTrack Failed() => this with { Failures = Failures + 1 };

    public StepTrack Returned(int start) => this with { Returns = Returns + 1, LastReturned = start };

    /// <summary>The runs of which nothing was heard, apart from one that may be going on: their process went down.</summary>
    public int Losses => Starts - Failures - Returns;
}
