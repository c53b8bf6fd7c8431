using System.Globalization;

namespace ActorGrid.Persistence;

/// <summary>What is fixed when a grid is made, and checked each time that its store is opened.</summary>
/// <param name="Name">The name of the grid, 1 to 64 characters.</param>
/// <param name="ShardCount">The number of shards, 1 to 65,536; 256 by default.</param>
/// <exception cref="ArgumentException">The name is empty or too long, or the number of shards is out of range.</exception>
public sealed record GridIdentity(string Name, int ShardCount = 256)
{
    /// <summary>The most characters that the name of a grid may have.</summary>
    public const int NameLengthMax = 64;

    /// <summary>The most shards that a grid may have.</summary>
    public const int ShardCountMax = 65_536;

    /// <summary>The name of the grid.</summary>
    public string Name { get; } = CheckName(Name);

    /// <summary>The number of shards.</summary>
    public int ShardCount { get; } = CheckShardCount(ShardCount);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"'{Name}' of {ShardCount} shards");

    private static string CheckName(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return name.Length <= NameLengthMax
            ? name
            : throw new ArgumentException($"The name of a grid has at most {NameLengthMax} characters; this one has {name.Length}.", nameof(name));
    }

    private static int CheckShardCount(int shardCount) => shardCount is >= 1 and <= ShardCountMax
        ? shardCount
        : throw new ArgumentOutOfRangeException(nameof(shardCount), shardCount, $"A grid has 1 to {ShardCountMax} shards.");
}
