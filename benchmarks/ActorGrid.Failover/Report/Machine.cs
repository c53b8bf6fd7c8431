using System.Globalization;
using System.Runtime.InteropServices;

namespace ActorGrid.Failover;

/// <summary>What figures were measured on, without which they say little.</summary>
internal sealed record Machine(DateTimeOffset At, string Processor, int Cores, double MemoryGiB, string System, string Runtime)
{
    public static Machine Here(DateTimeOffset at) => new(
        at, ProcessorName(), Environment.ProcessorCount, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1 << 30), SystemName(), RuntimeInformation.FrameworkDescription);

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{At:yyyy-MM-dd HH:mm} UTC, {Processor}, {Cores} cores, {MemoryGiB:f0} GiB, {System}, {Runtime}");

    private static string ProcessorName() => Field("/proc/cpuinfo", "model name", ':') ?? RuntimeInformation.ProcessArchitecture.ToString();

    private static string SystemName() => Field("/etc/os-release", "PRETTY_NAME", '=')?.Trim('"') ?? RuntimeInformation.OSDescription;

    private static string? Field(string path, string name, char separator) => !File.Exists(path)
        ? null
        : File.ReadLines(path).FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal))?.Split(separator, 2)[^1].Trim();
}
