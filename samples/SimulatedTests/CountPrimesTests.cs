using ActorGrid.Testing;
using Xunit;

namespace SimulatedTests;

public sealed class CountPrimesTests
{
    private static readonly SimulatedGridOptions Options = new() { Configure = Airline.Configure, Faults = SimulationFaults.All };

    /// <summary>Nodes die while the job runs, all of them at once sometimes; its parts move to others, or wait until one is back.</summary>
    [Fact]
    public void The_count_is_right_whatever_happens() => SimulatedGrid.RunSeeds(10, Options, async grid =>
    {
        var job = await grid.SubmitAsync(new CountPrimes(Below: 3000), "primes");
        var count = job.ResultAsync();
        await grid.DelayAsync(TimeSpan.FromSeconds(10));
        await grid.CalmAsync();
        Assert.Equal(430, await count);
    });
}
