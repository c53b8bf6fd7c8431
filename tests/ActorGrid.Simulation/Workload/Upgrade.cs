using ActorGrid.Testing;

namespace ActorGrid.Simulation;

/// <summary>A rolling upgrade: node by node leaves, or dies, and starts again with the next version, whatever else befalls the grid.</summary>
internal sealed class Upgrade(int nodes)
{
    private const int Old = 1, New = 2;
    private readonly int[] _versions = [.. Enumerable.Repeat(Old, nodes)];

    /// <summary>The version that a node starts with from now on.</summary>
    public int VersionOf(int node) => node < nodes ? _versions[node] : Old;

    /// <summary>Upgrades one node after the other, until the time is up.</summary>
    public async Task RunAsync(SimulatedGrid grid, SeededRandom draw, TimeSpan until)
    {
        foreach (int number in Enumerable.Range(0, nodes).OrderBy(_ => draw.Next()).ToList())
        {
            await grid.DelayAsync(draw.Between(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(3)));
            if (grid.Elapsed >= until) return;
            _versions[number] = New;
            var node = grid.Nodes[number];
            if (draw.Chance(0.8)) node.BeginLeave(comesBackAfter: TimeSpan.FromMilliseconds(draw.Next(20, 1000)));
            else if (node.IsRunning) Restart(grid, node, draw);
        }
    }

    /// <summary>Upgrades whoever is left of a grid that is whole, and holds that all shards are with the newest version then.</summary>
    public async Task EndAsync(SimulatedGrid grid)
    {
        for (int i = 0; i < nodes; i++)
        {
            _versions[i] = New;
            if (grid.Journal.View.Members.Any(member => member.Endpoint == grid.Nodes[i].Name && member.Version == New)) continue;
            await grid.Nodes[i].StopAsync();
            await grid.Nodes[i].StartAsync();
        }
        await grid.CalmAsync();
        var view = grid.Journal.View;
        for (int i = 0; i < view.Shards.Length; i++)
        {
            if (view.Find(view.Shards[i].Owner) is not { Version: New }) throw new PromiseBrokenException($"Shard {i} is not with the newest version when the upgrade has ended.", i);
        }
    }

    private static void Restart(SimulatedGrid grid, SimulatedNode node, SeededRandom draw)
    {
        node.Kill();
        grid.World.After(TimeSpan.FromMilliseconds(draw.Next(20, 1000)), node.BeginStart);
    }
}
