using System.Globalization;
using ActorGrid.Actors;

namespace ActorGrid.Jobs;

/// <summary>How the jobs of a type are run. <see cref="AttemptsMax"/>, <see cref="LossesMax"/> and <see cref="Retention"/> of a job are
/// those that it was submitted under.</summary>
public sealed record JobOptions
{
    /// <summary>How often a part, or the split, may be tried before the job fails. 1 to 1,000; 3 by default.</summary>
    public int AttemptsMax { get; init; } = 3;

    /// <summary>
    /// How often a part may go down together with its process before it is taken for the culprit and the job fails. 1 to 1,000; 10 by
    /// default. Such runs do not count as attempts.
    /// </summary>
    public int LossesMax { get; init; } = 10;

    /// <summary>The pauses before further attempts. By default 0.2 s, doubling up to 30 s, up to half shorter by chance.</summary>
    public Backoff Backoff { get; init; } = new() { First = TimeSpan.FromMilliseconds(200), Max = TimeSpan.FromSeconds(30), Jitter = 0.5 };

    /// <summary>
    /// How long an attempt may take: longer than zero, at most 20 days. Then its token is cancelled and it counts as failed, though its
    /// worker stays busy until it returns. Null, the default, sets no bound.
    /// </summary>
    public TimeSpan? PartTimeout { get; init; }

    /// <summary>How long the result of a job is kept after its end: at least a second. Its outcome is kept for good. Null, the default,
    /// keeps the result for good too.</summary>
    public TimeSpan? Retention { get; init; }

    internal void Check()
    {
        Check(AttemptsMax is >= 1 and <= 1000, nameof(AttemptsMax), AttemptsMax, "1 to 1,000");
        Check(LossesMax is >= 1 and <= 1000, nameof(LossesMax), LossesMax, "1 to 1,000");
        Check(PartTimeout is null || (PartTimeout > TimeSpan.Zero && PartTimeout <= TimeSpan.FromDays(20)), nameof(PartTimeout),
            PartTimeout!, "null, or longer than zero and at most 20 days");
        Check(Retention is null || Retention >= TimeSpan.FromSeconds(1), nameof(Retention), Retention!, "null, or at least a second");
    }

    private static void Check(bool isGood, string name, object value, string allowed)
    {
        if (!isGood)
        {
            throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture, $"JobOptions.{name} is {value}; it must be {allowed}."), name);
        }
    }
}
