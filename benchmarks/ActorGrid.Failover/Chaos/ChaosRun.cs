namespace ActorGrid.Failover;

/// <summary>Kills and stops nodes at random under load, brings them back, and proves at the end that nothing was lost or doubled.</summary>
internal static class ChaosRun
{
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(3);

    public static async Task<ChaosResult> RunAsync(ChaosOptions options, Action<string> say)
    {
        if (Directory.Exists(options.Stage.Directory)) Directory.Delete(options.Stage.Directory, recursive: true);
        await using var stage = await Stage.SetAsync(options.Stage, withNetworks: false);
        stage.Mark();
        var faults = new List<string>();
        await MakeFaultsAsync(stage, options, faults, say);
        await Task.Delay(Settle);
        var (log, ledgers) = await stage.EndAsync();
        return new ChaosResult(faults, RunResult.Of(log, ledgers, stage.FaultAt, options.Duration));
    }

    private static async Task MakeFaultsAsync(Stage stage, ChaosOptions options, List<string> faults, Action<string> say)
    {
        var plan = new ChaosPlan(options.Seed, stage.Nodes.Count);
        var away = new Dictionary<int, Task>();
        while (HostClock.Now - stage.FaultAt is var at && at < options.Duration)
        {
            foreach (int back in away.Where(a => a.Value.IsCompleted).Select(a => a.Key).ToList())
            {
                // A node that did not come back is a failure of the run.
                await away[back];
                away.Remove(back);
            }
            var step = plan.Next(at, away.Keys.ToHashSet());
            if (step.Fault is { } fault)
            {
                string what = FormattableString.Invariant(
                    $"{at.TotalSeconds,6:f1} s: {stage.Nodes[fault.Node].Name} is {(fault.IsStop ? "stopped" : "killed")}, and back {fault.AwayFor.TotalSeconds:f1} s later");
                faults.Add(what);
                say(what);
                away.Add(fault.Node, MakeAsync(stage.Nodes[fault.Node], fault));
            }
            await Task.Delay(step.Pause);
        }
        await Task.WhenAll(away.Values);
    }

    private static async Task MakeAsync(Node node, ChaosFault fault)
    {
        if (fault.IsStop) node.Signal(Signal.Stop);
        else await node.KillAsync();
        await Task.Delay(fault.AwayFor);
        if (fault.IsStop) node.Signal(Signal.Continue);
        else await node.StartAsync();
    }
}
