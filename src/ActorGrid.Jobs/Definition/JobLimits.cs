using ActorGrid.Persistence;

namespace ActorGrid.Jobs;

/// <summary>The bounds on what a job may consist of.</summary>
public static class JobLimits
{
    /// <summary>The most parts that a job may be split into: 100,000.</summary>
    public const int PartsMax = 100_000;

    /// <summary>The most bytes that a job, all its parts together, a partial result or a result may have, encoded: 256 MiB.</summary>
    public const int PayloadBytesMax = JournalLimits.AttachmentBytesMax;

    /// <summary>The most characters that a job id may have: 200.</summary>
    public const int JobIdLengthMax = 200;

    /// <summary>The most characters that the name of a job type may have: 50.</summary>
    public const int TypeNameLengthMax = 50;

    internal static void CheckPayload(string what, long length)
    {
        if (length <= PayloadBytesMax) return;
        throw new JobPartException(
            string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"{what} has {length} bytes; at most {PayloadBytesMax} are allowed: "
                + $"split the job into smaller parts, or bring a denser codec."),
            isPermanent: true);
    }
}
