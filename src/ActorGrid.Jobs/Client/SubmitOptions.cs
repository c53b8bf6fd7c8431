namespace ActorGrid.Jobs;

/// <summary>How a job is submitted. <see cref="Priority"/> and <see cref="Submitter"/> are kept with the job and hold for all of its life, whatever fails; submitting it again does not change them.</summary>
public sealed record SubmitOptions
{
    /// <summary>The most characters of <see cref="Submitter"/>: 100.</summary>
    public const int SubmitterLengthMax = 100;

    /// <summary>The id of the job: 1 to 200 characters, unique for the type. Default: null, a new one.</summary>
    public string? Id { get; init; }

    /// <summary>How urgent it is. Default: <see cref="JobPriority.Normal"/>.</summary>
    public JobPriority Priority { get; init; }

    /// <summary>On whose behalf: a user, a tenant, a service. Submitters share the workers evenly, within a priority, however many jobs each has; those who name none are one submitter. Default: empty. At most
    /// 100 characters.</summary>
    public string Submitter { get; init; } = "";

    internal void Check()
    {
        Check(Enum.IsDefined(Priority), nameof(Priority), $"There is no priority {Priority}.");
        Check(Submitter is not null, nameof(Submitter), "The submitter is null: leave it empty if there is none.");
        Check(Submitter!.Length <= SubmitterLengthMax, nameof(Submitter), $"The submitter has {Submitter.Length} characters; at most {SubmitterLengthMax} are allowed.");
    }

    private static void Check(bool isGood, string name, string message)
    {
        if (!isGood) throw new ArgumentException(message, name);
    }
}
