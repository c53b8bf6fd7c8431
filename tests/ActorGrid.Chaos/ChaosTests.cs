using System.Globalization;
using ActorGrid.Failover;
using Xunit.Abstractions;

namespace ActorGrid.Chaos;

/// <summary>Real processes on a real PostgreSQL, killed and stopped at random under load.</summary>
public sealed class ChaosTests(ITestOutputHelper output)
{
    private const int Nodes = 4, Entities = 400;

    private static readonly LoadOptions Load = new(Entities, Every: TimeSpan.FromMilliseconds(250), Deadline: TimeSpan.FromSeconds(10));

    /// <summary>For as many seconds as <c>ACTORGRID_CHAOS_SECONDS</c> says (20 if it says nothing), with the seed in <c>ACTORGRID_CHAOS_SEED</c> (or one that is drawn).</summary>
    [SkippableFact]
    public async Task Nothing_is_lost_or_doubled_and_no_request_fails_while_nodes_are_killed_and_stopped()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Nodes are stopped by signals of Linux.");
        var store = new StoreChoice(StoreKind.PostgreSql, Environment.GetEnvironmentVariable("ACTORGRID_POSTGRES"));
        Skip.If(store.WhyNot is not null, store.WhyNot);
        int seed = Number("ACTORGRID_CHAOS_SEED") ?? Random.Shared.Next();
        var duration = TimeSpan.FromSeconds(Number("ACTORGRID_CHAOS_SECONDS") ?? 20);
        output.WriteLine($"ACTORGRID_CHAOS_SEED={seed}");
        string directory = Directory.CreateTempSubdirectory("actorgrid-chaos-").FullName;

        var stage = new StageOptions(Nodes, Load, Warmup: TimeSpan.FromSeconds(3), store, Path.Combine(directory, "run"), Victim: 0);
        var result = await ChaosRun.RunAsync(new ChaosOptions(stage, duration, seed), output.WriteLine);

        output.WriteLine(result.Describe());
        Assert.True(result.IsClean, $"ACTORGRID_CHAOS_SEED={seed}; the logs of the processes are in {directory}.\n{result.Describe()}\n{string.Join('\n', result.Faults)}");
        Directory.Delete(directory, recursive: true);
    }

    private static int? Number(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
