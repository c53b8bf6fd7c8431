using System.Text.Json;
using System.Text.Json.Serialization;

namespace ActorGrid.Failover;

/// <summary>Writes a report in all its forms.</summary>
internal static class ReportFiles
{
    /// <summary>Writes <c>failover.json</c>, <c>failover.md</c> and <c>failover.html</c>.</summary>
    public static void Write(Report report, string directory)
    {
        Directory.CreateDirectory(directory);
        File.WriteAllText(Path.Combine(directory, "failover.json"), JsonSerializer.Serialize(report, ReportJson.Default.Report));
        File.WriteAllText(Path.Combine(directory, "failover.md"), MarkdownReport.Of(report));
        File.WriteAllText(Path.Combine(directory, "failover.html"), HtmlReport.Of(report));
    }
}

[JsonSourceGenerationOptions(WriteIndented = false, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Report))]
internal sealed partial class ReportJson : JsonSerializerContext;
