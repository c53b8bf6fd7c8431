using ActorGrid.Persistence;
using ActorGrid.Testing;

namespace ActorGrid.Simulation;

/// <summary>"A subscription is given each event at least once, and the events of an entity in their order." Here it copies ledgers, and the copies are exact.</summary>
public sealed class SubscriptionsOnAGrid
{
    [Fact]
    public void A_subscription_misses_nothing_whatever_befalls_the_grid()
    {
        int repetitions = Play(12, SimulationFaults.All, grid => WriteAsync(grid, TimeSpan.FromSeconds(20)));
        // Else nothing was tried.
        Assert.InRange(repetitions, 1, int.MaxValue);
    }

    [Fact]
    public void Nor_does_it_where_events_are_removed_as_soon_as_they_may()
    {
        int removed = 0;
        Play(8, SimulationFaults.All, async grid =>
        {
            await WriteAsync(grid, TimeSpan.FromSeconds(20));
            removed += grid.Journal.Removed;
        }, new EntityOptions { SnapshotEvery = 3, RemoveEventsAfter = TimeSpan.Zero, PassivateAfter = TimeSpan.FromSeconds(2) });
        Assert.InRange(removed, 1, int.MaxValue);
    }

    [Fact]
    public void A_subscription_goes_on_where_its_shard_goes() => Play(seeds: 3, SimulationFaults.None, async grid =>
    {
        for (int round = 0; round < 6; round++)
        {
            var node = grid.Nodes[round % 3];
            var writing = WriteAsync(grid, TimeSpan.FromSeconds(2));
            if (round % 2 == 0) node.Kill();
            else await node.StopAsync();
            await writing;
            await node.StartAsync();
        }
    });

    [Fact]
    public void What_was_committed_before_all_nodes_died_is_given_when_they_come_back() => Play(seeds: 3, SimulationFaults.None, async grid =>
    {
        await WriteAsync(grid, TimeSpan.FromSeconds(1));
        foreach (var node in grid.Nodes) node.Kill();
        await grid.DelayAsync(TimeSpan.FromSeconds(30));
        foreach (var node in grid.Nodes) node.BeginStart();
    });

    /// <summary>Plays a script while ledgers are copied, until all that was committed was given and the copies are the same.</summary>
    /// <returns>How many events were given again.</returns>
    private static int Play(int seeds, SimulationFaults faults, Func<SimulatedGrid, Task> script, EntityOptions? ledgers = null)
    {
        Copies copies = null!;
        int repetitions = 0;
        var options = Stage.Ledgers() with
        {
            Faults = faults,
            // Events come when the script has begun.
            Configure = builder => builder.AddEntity<Ledger>("ledger", LedgerJson.Default, ledgers)
                .AddSubscription<Ledger, LedgerEvent>(Copies.Name, (node, e, token) => copies.CopyAsync(node, e, token)),
        };
        SimulatedGrid.RunSeeds(seeds, options, async grid =>
        {
            copies = new Copies(grid, grid.World.Random);
            await script(grid);
            await grid.CalmAsync();
            await copies.CheckAsync(Keys, key => grid.Entity<Ledger>(key).AskAsync(new List()));
            repetitions += copies.History.Repetitions;
        });
        return repetitions;
    }

    private static string[] Keys { get; } = [.. Enumerable.Range(0, 8).Select(i => $"k{i}")];

    private static async Task WriteAsync(SimulatedGrid grid, TimeSpan duration)
    {
        var until = grid.Elapsed + duration;
        await Task.WhenAll(Keys.Select(async key =>
        {
            for (int number = (int)grid.Elapsed.TotalSeconds * 1000; grid.Elapsed < until; number++)
            {
                try
                {
                    await grid.Entity<Ledger>(key).AskAsync(new Add(number), new AskOptions { Timeout = TimeSpan.FromSeconds(3) });
                }
                catch (Exception e) when (e is Actors.AskTimeoutException or StoreException or EntityException)
                {
                    // Whether it was written is for the journal to say.
                }
                await grid.DelayAsync(grid.World.Random.Between(TimeSpan.Zero, TimeSpan.FromMilliseconds(200)));
            }
        }));
    }
}
