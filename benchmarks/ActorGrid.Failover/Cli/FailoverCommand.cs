using Spectre.Console;

namespace ActorGrid.Failover;

/// <summary>Runs the benchmark and shows what came of it.</summary>
internal sealed class FailoverCommand(IAnsiConsole console)
{
    public async Task<int> MeasureAsync(IReadOnlyList<Scenario> scenarios, IReadOnlyList<StoreChoice> stores, RunnerOptions options, CancellationToken stop)
    {
        var runner = new Runner(options, Say);
        string load = new StageOptions(options.Nodes, options.Load, options.Warmup, stores[0], options.Directory, Victim: 0).Describe();
        var results = new List<ScenarioResult>();
        var machine = Machine.Here(TimeProvider.System.GetUtcNow());
        Say($"{machine}\n{load}");
        foreach (var store in stores)
        {
            foreach (var scenario in scenarios)
            {
                results.Add(await runner.PlayAsync(scenario, store, stop));
                // After each scenario, so that what was measured is kept if a later one does not end.
                ReportFiles.Write(new Report(machine, load, results), options.Directory);
            }
        }
        if (console.Profile.Out.IsTerminal) console.Write(ScreenReport.Of(results));
        else Say(MarkdownReport.Of(new Report(machine, load, results)));
        Say($"report: {Path.Combine(options.Directory, "failover.html")}");
        return results.Exists(r => r.Holds == false) ? 1 : 0;
    }

    public async Task<int> MakeChaosAsync(ChaosOptions options)
    {
        Say($"seed {options.Seed}, {options.Duration.TotalSeconds:f0} s: {options.Stage.Describe()}");
        var result = await ChaosRun.RunAsync(options, Say);
        Say(result.Describe());
        Say(result.IsClean ? "proven: nothing was lost, doubled or stale, and no request failed" : "NOT proven");
        return result.IsClean ? 0 : 1;
    }

    // Lines that are read elsewhere are not wrapped to the width of a terminal.
    private void Say(string line) => console.Profile.Out.Writer.WriteLine(line);
}
