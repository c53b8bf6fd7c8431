using System.Text.Json.Serialization;
using ActorGrid.Jobs;

namespace ActorGrid.Simulation;

/// <summary>Sums the squares of the numbers of its parts; some parts fail at first.</summary>
public sealed record SumJob(int Parts) : Job<int, long, long>
{
    /// <summary>What it has to result in.</summary>
    public long Expected => Enumerable.Range(1, Parts).Sum(part => (long)part * part);

    public override ValueTask<IReadOnlyList<int>> SplitAsync(CancellationToken cancellationToken) => new([.. Enumerable.Range(1, Parts)]);

    public override ValueTask<long> RunAsync(int part, JobContext context) =>
        part % 5 == 0 && context.Attempt == 1 ? throw new InvalidOperationException("As planned.") : new((long)part * part);

    public override long Combine(long left, long right) => left + right;

    public override long Result(long total) => total;

    public override long Empty() => 0;
}

[JsonSerializable(typeof(SumJob))]
[JsonSerializable(typeof(int))]
[JsonSerializable(typeof(long))]
public sealed partial class SumJson : JsonSerializerContext;
