namespace ActorGrid.Failover;

/// <summary>The scenarios, each with its bar.</summary>
internal static class AllScenarios
{
    // The lease and half a second.
    private static readonly Bar LeaseBar = new(LastMaxMs: 3_500);
    private static readonly Bar PlannedBar = new(P999Ms: 250);
    private static readonly TimeSpan Away = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(3);

    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("kill", "One node is killed (kill -9)", new Bar(LastMedianMs: 300, LastMaxMs: 600), async stage =>
        {
            stage.Mark();
            await stage.Victim.KillAsync();
        }),
        new("kill-two", "Two nodes are killed at once (kill -9)", new Bar(LastMedianMs: 300, LastMaxMs: 600), async stage =>
        {
            stage.Mark();
            await Task.WhenAll(stage.Nodes.Take(2).Select(node => node.KillAsync()));
        }),
        new("stop", "One node is stopped (SIGSTOP), and goes on 8 s later (SIGCONT)", LeaseBar, async stage =>
        {
            stage.Mark();
            stage.Victim.Signal(Signal.Stop);
            await Task.Delay(Away);
            stage.Victim.Signal(Signal.Continue);
        })
        { Drawn = TimeSpan.FromSeconds(12) },
        Partition("partition-nodes", "One node is cut off from the others and from the client, not from the store, for 8 s", Network.Grid),
        Partition("partition-store", "One node is cut off from the store, not from the others, for 8 s", Network.Store),
        Partition("partition-both", "One node is cut off from everything for 8 s", Network.Grid, Network.Store),
        new("leave", "One node leaves in order", PlannedBar, async stage =>
        {
            stage.Mark();
            await stage.Victim.LeaveAsync();
        }),
        new("join", "A node more joins", PlannedBar, async stage =>
        {
            stage.Mark();
            await stage.JoinAsync();
        }),
        new("rolling", "Every node leaves in order and is started again, one after the other", PlannedBar, async stage =>
        {
            stage.Mark();
            foreach (var node in stage.Nodes)
            {
                await node.LeaveAsync();
                await node.StartAsync();
                await Task.Delay(Pause);
            }
        })
        { Drawn = TimeSpan.FromSeconds(20) },
        new("store-restart", "The database server is restarted", new Bar(), async stage =>
        {
            stage.Mark();
            await stage.RestartStoreAsync();
        })
        { NeedsServer = true, Drawn = TimeSpan.FromSeconds(8), Settle = TimeSpan.FromSeconds(8) },
    ];

    private static Scenario Partition(string name, string title, params Network[] from) => new(name, title, LeaseBar, async stage =>
    {
        stage.Mark();
        await stage.Networks.CutAsync(stage.Victim.Number, from);
        await Task.Delay(Away);
        await stage.Networks.HealAsync(stage.Victim.Number, from);
    })
    { NeedsNetworks = true, NeedsServer = from.Contains(Network.Store), Drawn = TimeSpan.FromSeconds(12) };
}
