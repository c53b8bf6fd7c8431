using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace ActorGrid.Persistence;

/// <summary>What the nodes of this process count, on one meter. An instrument that nobody listens to costs a check.</summary>
/// <remarks>The instruments outlive all nodes: the runtime keeps every meter that is not disposed, and a node that dies in a simulation disposes nothing.</remarks>
internal static class NodeMeter
{
    public const string Name = "ActorGrid";

    public static readonly ActivitySource Activities = new(Name);

    private static readonly Meter Meter = new(Name);
    private static readonly Counter<long> Asks = Meter.CreateCounter<long>("actorgrid.entity.asks", "{ask}", "Asks of entities that were taken in.");
    private static readonly Counter<long> AppendRows = Meter.CreateCounter<long>("actorgrid.append.rows", "{row}", "Rows appended to the store.");
    private static readonly Histogram<int> AppendShards = Meter.CreateHistogram<int>("actorgrid.append.shards", "{shard}", "Shards in one append.");
    private static readonly Histogram<int> BatchRows = Meter.CreateHistogram<int>("actorgrid.append.batch", "{row}", "Rows in one append.");
    private static readonly Counter<long> AppendBytes = Meter.CreateCounter<long>("actorgrid.append.bytes", "By", "Bytes appended to the store.");
    private static readonly Counter<long> Recoveries =
        Meter.CreateCounter<long>("actorgrid.entity.recovery_reads", "{read}", "Pages of histories asked for.");
    private static readonly Counter<long> Snapshots = Meter.CreateCounter<long>("actorgrid.entity.snapshots", "{snapshot}", "Snapshots given to the store.");
    private static readonly Counter<long> Timers = Meter.CreateCounter<long>("actorgrid.entity.timers_fired", "{timer}", "Timers of entities that came due.");

    /// <summary>Moves with the budget of entities.</summary>
    public static readonly UpDownCounter<long> EntitiesInMemory =
        Meter.CreateUpDownCounter<long>("actorgrid.entity.in_memory", "{entity}", "Entities in memory.");

    public static void OnAsk() => Asks.Add(1);

    public static void OnAppend(int shards, int rows, long bytes)
    {
        AppendShards.Record(shards);
        BatchRows.Record(rows);
        AppendRows.Add(rows);
        AppendBytes.Add(bytes);
    }

    public static void OnRecoveryRead(int entities) => Recoveries.Add(entities);

    public static void OnSnapshots(int count) => Snapshots.Add(count);

    public static void OnTimer() => Timers.Add(1);
}
