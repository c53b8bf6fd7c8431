using ActorGrid;

namespace SimulatedTests;

/// <summary>What a node consists of: a host gives this to <c>AddActorGrid</c>, a test to the simulator.</summary>
public static class Airline
{
    public static void Configure(GridBuilder grid) => grid
        .AddEntity<Flight>("flight", FlightJson.Default)
        .AddJob<CountPrimes>("count-primes", CountPrimesJson.Default);
}
