using ActorGrid.Cluster;
using ActorGrid.Persistence;
using ActorGrid.Testing;

namespace ActorGrid.Simulation;

/// <summary>Plays a script against a small grid, once for each of a few seeds, and then sees that the grid is whole again and answers for each shard.</summary>
internal static class Stage
{
    /// <summary>A grid of ledgers.</summary>
    public static SimulatedGridOptions Ledgers(int nodes = 3, int shards = 8, ClusterOptions? cluster = null, EntityOptions? entity = null) => new()
    {
        Nodes = nodes,
        ShardCount = shards,
        Configure = grid => grid.AddEntity<Ledger>("ledger", LedgerJson.Default, entity),
        Cluster = _ => cluster ?? new ClusterOptions(),
        TimeLimit = TimeSpan.FromMinutes(20),
    };

    /// <summary>Plays a script that keeps nothing from one run to the next.</summary>
    public static void Play(SimulatedGridOptions options, Func<SimulatedGrid, Task> script, int seeds = 6) => Play(() => options, script, seeds);

    /// <summary>Plays a script on options that are made anew for each run.</summary>
    public static void Play(Func<SimulatedGridOptions> options, Func<SimulatedGrid, Task> script, int seeds = 6)
    {
        for (int seed = 1; seed <= seeds; seed++)
        {
            var failure = SimulatedGrid.TryRun(seed, options(), grid => PlayAsync(grid, script), isRecorded: true, out var grid);
            if (failure is null) continue;
            TraceFile.Write(grid);
            throw SimulationFailedException.Of(grid, failure, failure, "It is recorded in its first run.");
        }
    }

    private static async Task PlayAsync(SimulatedGrid grid, Func<SimulatedGrid, Task> script)
    {
        await grid.UntilAsync(() => IsLinked(grid), "all reach all others", TimeSpan.FromSeconds(10));
        await script(grid);
        grid.World.Database!.Script = null;
        await grid.CalmAsync();
        await AskAllShardsAsync(grid);
    }

    private static bool IsLinked(SimulatedGrid grid) =>
        grid.Nodes.Concat(grid.Clients).All(node => node.Current is { } life && life.Node.Services.Reachable.Count >= grid.Nodes.Count - (grid.Nodes.Contains(node) ? 1 : 0));

    /// <summary>"When faults have ceased the grid is whole again: every shard has an owner that answers."</summary>
    private static async Task AskAllShardsAsync(SimulatedGrid grid)
    {
        if (!grid.Journal.View.TypeRoles.ContainsKey("ledger")) return;
        var asks = new List<Task>();
        var asked = new HashSet<ShardId>();
        for (int i = 0; asked.Count < grid.Options.ShardCount; i++)
        {
            if (asked.Add(grid.ShardOf($"probe{i}"))) asks.Add(grid.Entity<Ledger>($"probe{i}").AskAsync(new Count(), new AskOptions { Timeout = TimeSpan.FromSeconds(2) }));
        }
        foreach (var ask in asks) await ask;
    }
}
