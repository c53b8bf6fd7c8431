using ActorGrid.Cluster;
using ActorGrid.Persistence;
using ActorGrid.Testing;

namespace ActorGrid.Simulation;

/// <summary>"A repair is an event of the entity, appended under the fence like any other: it is there or it is not." While owners die and stand still, and callers ask.</summary>
public sealed class RepairsOnAGrid
{
    [Fact]
    public void A_quarantined_entity_is_repaired_from_anywhere_whatever_befalls_its_owner() => Play(20, SimulationFaults.None);

    [Fact]
    public void A_quarantined_entity_is_repaired_whatever_befalls_the_grid() => Play(20, SimulationFaults.All);

    private static void Play(int seeds, SimulationFaults faults)
    {
        var (refusals, repairs) = (0, 0);
        var options = new SimulatedGridOptions
        {
            ShardCount = 4,
            Faults = faults,
            Configure = grid => grid.AddEntity<Fragile>("fragile", FragileJson.Default, new EntityOptions { SnapshotEvery = 10, PassivateAfter = TimeSpan.FromSeconds(1) }),
            Cluster = static _ => new ClusterOptions { LeaseDuration = TimeSpan.FromSeconds(1), LeaseRenewEvery = TimeSpan.FromMilliseconds(330), LeaseDrift = TimeSpan.FromMilliseconds(100) },
        };
        SimulatedGrid.RunSeeds(seeds, options, async grid =>
        {
            var mishaps = new Mishaps(grid, new SeededRandom((ulong)grid.Seed));
            var until = grid.Elapsed + TimeSpan.FromSeconds(15);
            await Task.WhenAll(mishaps.CallAsync(until), mishaps.CallAsync(until), mishaps.MendAsync(until), mishaps.MendAsync(until));
            await grid.CalmAsync();
            await mishaps.CheckAsync(takeOvers: 3);
            refusals += mishaps.Refusals;
            repairs += mishaps.Repairs;
        });
        // Else nothing was tried.
        Assert.InRange(refusals, seeds, int.MaxValue);
        Assert.InRange(repairs, seeds, int.MaxValue);
    }
}
