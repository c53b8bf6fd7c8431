using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace ActorGrid.Persistence;

/// <summary>What the nodes of this process count, on one meter. An instrument that nobody listens to costs a check.</summary>
/// <remarks>The instruments outlive all nodes: the runtime keeps every meter that is not disposed, and a node that dies in a simulation disposes nothing.</remarks>
internal static class NodeMeter
{
    public const string Name = "ActorGrid";

    private static readonly Meter Meter = new(Name);

    /// <summary>From what a read from memory takes to the longest deadline; the buckets that the conventions advise for durations, and finer ones below.</summary>
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
    };

    private static readonly Counter<long> Asks = Meter.CreateCounter<long>("actorgrid.entity.asks", "{ask}", "Asks of entities that were taken in.");
    private static readonly Counter<long> AppendRows = Meter.CreateCounter<long>("actorgrid.append.rows", "{row}", "Rows appended to the store.");
    private static readonly Histogram<int> AppendShards = Meter.CreateHistogram<int>("actorgrid.append.shards", "{shard}", "Shards in one append.");
    private static readonly Histogram<int> BatchRows = Meter.CreateHistogram<int>("actorgrid.append.batch", "{row}", "Rows in one append.");
    private static readonly Counter<long> AppendBytes = Meter.CreateCounter<long>("actorgrid.append.bytes", "By", "Bytes appended to the store.");
    private static readonly Counter<long> Recoveries =
        Meter.CreateCounter<long>("actorgrid.entity.recovery_reads", "{read}", "Pages of histories asked for.");
    private static readonly Counter<long> Snapshots = Meter.CreateCounter<long>("actorgrid.entity.snapshots", "{snapshot}", "Snapshots given to the store.");
    private static readonly Counter<long> EventsRemoved =
        Meter.CreateCounter<long>("actorgrid.entity.events_removed", "{event}", "Events removed below snapshots.");

    private static readonly Counter<long> SnapshotMismatches =
        Meter.CreateCounter<long>("actorgrid.entity.snapshot_mismatches", "{snapshot}", "Snapshots that were not saved, since what is read of them is not what was written, by entity type.");

    private static readonly Counter<long> Timers = Meter.CreateCounter<long>("actorgrid.entity.timers_fired", "{timer}", "Timers of entities that came due.");

    private static readonly Histogram<double> AppendDuration = Meter.CreateHistogram(
        "actorgrid.append.duration", "s", "How long an append took in the store.", tags: null, Seconds);

    private static readonly Counter<long> AppendFailures =
        Meter.CreateCounter<long>("actorgrid.append.failures", "{append}", "Appends of a shard that were not committed, or of which that is not known, by outcome.");

    private static readonly Histogram<double> ReadDuration = Meter.CreateHistogram(
        "actorgrid.entity.recovery_read.duration", "s", "How long a round trip to the store took that read histories.", tags: null, Seconds);

    private static readonly Counter<long> Quarantines =
        Meter.CreateCounter<long>("actorgrid.entity.quarantines", "{entity}", "Recoveries that ended in quarantine, by entity type.");

    private static readonly Counter<long> SpansLost =
        Meter.CreateCounter<long>("actorgrid.spans.lost", "{span}", "Spans that a sampler, a listener or a processor threw at.");

    /// <summary>Of asks, on the side of who asks.</summary>
    public static readonly Histogram<double> ClientCallDuration = Meter.CreateHistogram(
        "rpc.client.call.duration", "s", "How long an ask took, from the caller's side, with all retries.", tags: null, Seconds);

    /// <summary>Of commands that other nodes have sent.</summary>
    public static readonly Histogram<double> ServerCallDuration = Meter.CreateHistogram(
        "rpc.server.call.duration", "s", "How long a command from another node took, from its coming to its answer.", tags: null, Seconds);

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

    public static void OnEventsRemoved(int count) => EventsRemoved.Add(count);

    public static void OnSnapshotMismatch(string type) => SnapshotMismatches.Add(1, new KeyValuePair<string, object?>("actorgrid.entity.type", type));

    public static void OnAppended(TimeSpan duration) => AppendDuration.Record(duration.TotalSeconds);

    public static void OnAppendFailed(AppendStatus outcome) => AppendFailures.Add(1, new KeyValuePair<string, object?>("actorgrid.append.outcome", NameOf(outcome)));

    public static void OnRead(TimeSpan duration) => ReadDuration.Record(duration.TotalSeconds);

    public static void OnQuarantined(string type) => Quarantines.Add(1, new KeyValuePair<string, object?>("actorgrid.entity.type", type));

    public static void OnSpanLost() => SpansLost.Add(1);

    public static void OnAsked(string method, TimeSpan duration, string? errorType) => Record(ClientCallDuration, method, duration, errorType);

    public static void OnServed(string method, TimeSpan duration, string? errorType) => Record(ServerCallDuration, method, duration, errorType);

    public static void OnTimer() => Timers.Add(1);

    private static string NameOf(AppendStatus outcome) => outcome switch
    {
        AppendStatus.Committed => "committed",
        AppendStatus.Fenced => "fenced",
        AppendStatus.Refused => "refused",
        _ => "unknown",
    };

    /// <summary>With the attributes of https://opentelemetry.io/docs/specs/semconv/rpc/rpc-metrics/.</summary>
    private static void Record(Histogram<double> calls, string method, TimeSpan duration, string? errorType)
    {
        var tags = new TagList { { "rpc.system.name", "actorgrid" }, { "rpc.method", method } };
        if (errorType is not null) tags.Add("error.type", errorType);
        calls.Record(duration.TotalSeconds, tags);
    }
}
