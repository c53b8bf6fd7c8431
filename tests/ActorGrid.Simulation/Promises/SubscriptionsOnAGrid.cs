using ActorGrid.Persistence;
using ActorGrid.Testing;

namespace ActorGrid.Simulation;

/// <summary>"A subscription is given each event at least once, and the events of an entity in their order." Here it copies ledgers, and the copies are exact.</summary>
public sealed class SubscriptionsOnAGrid
{
    private const string Copy = "copy-of-";

    [Fact]
    public void A_subscription_misses_nothing_whatever_befalls_the_grid()
    {
        int repetitions = Play(12, SimulationFaults.All, grid => WriteAsync(grid, TimeSpan.FromSeconds(20)));
        // Else nothing was tried.
        Assert.InRange(repetitions, 1, int.MaxValue);
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
    private static int Play(int seeds, SimulationFaults faults, Func<SimulatedGrid, Task> script)
    {
        SimulatedGrid running = null!;
        SubscriptionHistory history = null!;
        int repetitions = 0;
        var options = Stage.Ledgers() with
        {
            Faults = faults,
            Configure = builder => builder.AddEntity<Ledger>("ledger", LedgerJson.Default).AddSubscription<Ledger, LedgerEvent>("copies", (node, e, token) => CopyAsync(running, node, history, e, token)),
        };
        SimulatedGrid.RunSeeds(seeds, options, async grid =>
        {
            (running, history) = (grid, new SubscriptionHistory());
            await script(grid);
            await grid.CalmAsync();
            // What an append has left in doubt may turn out to be committed whenever somebody asks.
            for (var until = grid.Elapsed + TimeSpan.FromMinutes(2); ; await grid.DelayAsync(TimeSpan.FromMilliseconds(100)))
            {
                if (history.Broken is { } broken) throw broken;
                string? missing = history.Missing(grid) ?? await DifferenceAsync(grid);
                if (missing is null) break;
                if (grid.Elapsed > until) throw new PromiseBrokenException(missing);
            }
            repetitions += history.Repetitions;
        });
        return repetitions;
    }

    /// <summary>How a copy differs from its ledger; null: none does.</summary>
    private static async Task<string?> DifferenceAsync(SimulatedGrid grid)
    {
        foreach (string key in Keys)
        {
            int[] copy = await grid.Entity<Ledger>(Copy + key).AskAsync(new List()), numbers = await grid.Entity<Ledger>(key).AskAsync(new List());
            if (!numbers.SequenceEqual(copy)) return $"{key} is [{string.Join(", ", numbers)}], and its copy [{string.Join(", ", copy)}]";
        }
        return null;
    }

    private static string[] Keys { get; } = [.. Enumerable.Range(0, 8).Select(i => $"k{i}")];

    private static async Task CopyAsync(SimulatedGrid simulated, IGrid grid, SubscriptionHistory history, EventEnvelope<LedgerEvent> e, CancellationToken token)
    {
        history.Given(simulated, e);
        if (simulated.World.Random.Chance(0.02)) throw new InvalidOperationException("Not now.");
        if (!e.Entity.Key.StartsWith(Copy, StringComparison.Ordinal))
        {
            await grid.Entity<Ledger>(Copy + e.Entity.Key).AskAsync(new Add(((Added)e.Event).Number), new AskOptions { CommandId = e.CommandId }, token);
        }
        history.Done(e);
    }

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
