using System.Text.Json.Serialization;
using ActorGrid.Jobs;

namespace SimulatedTests;

/// <summary>Counts the primes below a bound, a hundred numbers to a part.</summary>
public sealed record CountPrimes(int Below) : Job<int, int, int>
{
    public override ValueTask<IReadOnlyList<int>> SplitAsync(CancellationToken cancellationToken) =>
        new([.. Enumerable.Range(0, (Below + 99) / 100).Select(i => i * 100)]);

    public override ValueTask<int> RunAsync(int part, JobContext context) =>
        new(Enumerable.Range(part, Math.Min(100, Below - part)).Count(IsPrime));

    public override int Combine(int left, int right) => left + right;

    public override int Result(int total) => total;

    private static bool IsPrime(int n)
    {
        for (int d = 2; d * d <= n; d++)
        {
            if (n % d == 0) return false;
        }
        return n > 1;
    }
}

[JsonSerializable(typeof(CountPrimes)), JsonSerializable(typeof(int))]
public sealed partial class CountPrimesJson : JsonSerializerContext;
