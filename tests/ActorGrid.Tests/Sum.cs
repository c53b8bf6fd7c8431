using System.Text.Json.Serialization;
using ActorGrid.Jobs;

namespace ActorGrid.Tests;

/// <summary>The sum of the numbers from 1 to a bound, a hundred to a part.</summary>
public sealed record Sum(int UpTo) : Job<int, long, long>
{
    public override ValueTask<IReadOnlyList<int>> SplitAsync(CancellationToken cancellationToken) =>
        new([.. Enumerable.Range(0, (UpTo + 99) / 100).Select(i => (i * 100) + 1)]);

    public override ValueTask<long> RunAsync(int part, JobContext context)
    {
        long sum = 0;
        for (int i = part; i < part + 100 && i <= UpTo; i++) sum += i;
        return new(sum);
    }

    public override long Combine(long left, long right) => left + right;

    public override long Result(long total) => total;
}

[JsonSerializable(typeof(Sum)), JsonSerializable(typeof(int)), JsonSerializable(typeof(long))]
public sealed partial class SumJson : JsonSerializerContext;
