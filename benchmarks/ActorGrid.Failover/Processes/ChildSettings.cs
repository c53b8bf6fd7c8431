using System.Text.Json;
using System.Text.Json.Serialization;

namespace ActorGrid.Failover;

/// <summary>What a child is told when it starts.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Store">Where the grid is.</param>
/// <param name="Host">The address to listen on; null: a client.</param>
/// <param name="Port">The port.</param>
/// <param name="Load">The load that a client makes; of a reader, how many entities there are.</param>
/// <param name="Output">Where a client or a reader writes what it has seen.</param>
internal sealed record ChildSettings(string Name, StoreAddress Store, string? Host, int Port, LoadOptions? Load, string? Output)
{
    public string ToJson() => JsonSerializer.Serialize(this, ChildJson.Default.ChildSettings);

    public static ChildSettings Parse(string json) =>
        JsonSerializer.Deserialize(json, ChildJson.Default.ChildSettings) ?? throw new ArgumentException("The settings of a child are missing.", nameof(json));
}

/// <summary>Where a grid is kept.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Where">The connection string, or the path of the file.</param>
internal sealed record StoreAddress(StoreKind Kind, string Where);

internal enum StoreKind
{
    PostgreSql,
    Sqlite,
}

[JsonSerializable(typeof(ChildSettings))]
internal sealed partial class ChildJson : JsonSerializerContext;
