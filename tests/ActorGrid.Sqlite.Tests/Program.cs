using System.Globalization;

namespace ActorGrid.Sqlite.Tests;

/// <summary>The test assembly is also the program that its tests start and kill, and that measures what takes several processes.</summary>
internal static class Program
{
    public static Task<int> Main(string[] arguments) => arguments switch
    {
        ["open", var path] => OpeningTests.OpenAsync(path),
        ["append", var path] => KillTests.AppendForEverAsync(path),
        ["project", var path] => ProjectionKillTests.ProjectAsync(path),
        ["rival", var path, var seed] => RivalNode.RunAsync(path, Number(seed)),
        ["bulk", var path, var number] => BulkNode.RunAsync(path, Number(number)),
        ["lease", var path, var incarnation] => PresenceTests.HoldAsync(path, Guid.Parse(incarnation)),
        ["leases", var path, var writers, var seconds] => LeaseLatency.RunAsync(path, Number(writers), TimeSpan.FromSeconds(Number(seconds))),
        _ => throw new ArgumentException("Use: open FILE, append FILE, project FILE, rival FILE SEED, bulk FILE NUMBER, lease FILE INCARNATION or leases FILE WRITERS SECONDS.", nameof(arguments)),
    };

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
