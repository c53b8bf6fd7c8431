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
        if (!Enum.IsDefined(Priority)) throw new ArgumentException($"There is no priority {Priority}.", nameof(Priority));
        if (Submitter is null || Submitter.Length > SubmitterLengthMax)
            throw new ArgumentException($"A submitter has at most {SubmitterLengthMax} characters; this one has {Submitter?.Length.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "none, being null"}.", nameof(Submitter));
    }
}
