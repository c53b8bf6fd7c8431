using System.Globalization;

namespace ActorGrid.Jobs;

/// <summary>Numbers of the steps of a job: those of parts are from 0 on, and some more come before and after them.</summary>
internal static class JobStep
{
    public const int Split = -1;
    public const int Combine = -2;
    public const int Open = -3;

    public static string Name(int step) => step switch
    {
        Split => "the split",
        Combine => "combining the partial results",
        Open => "loading the job",
        _ => string.Create(CultureInfo.InvariantCulture, $"part {step}"),
    };
}
