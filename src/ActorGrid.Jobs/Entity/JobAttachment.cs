using System.Globalization;

namespace ActorGrid.Jobs;

/// <summary>The names of a job's attachments.</summary>
internal static class JobAttachment
{
    public const string Job = "job", Parts = "parts", Result = "result";

    public static string Partial(int part) => string.Create(CultureInfo.InvariantCulture, $"partial/{part}");
}
