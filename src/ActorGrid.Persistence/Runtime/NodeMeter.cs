using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace ActorGrid.Persistence;

/// <summary>What a node counts. An instrument that nobody listens to costs a check.</summary>
internal sealed class NodeMeter : IDisposable
{
    public const string Name = "ActorGrid";

    public static readonly ActivitySource Activities = new(Name);

    private readonly Meter _meter = new(Name);
    private readonly Counter<long> _asks;
    private readonly Counter<long> _appendRows;
    private readonly Histogram<int> _appendShards;
    private readonly Histogram<int> _batchRows;
    private readonly Counter<long> _appendBytes;
    private readonly Counter<long> _recoveries;
    private readonly Counter<long> _snapshots;
    private readonly Counter<long> _timers;

    public NodeMeter(Func<long> entitiesInMemory)
    {
        _asks = _meter.CreateCounter<long>("actorgrid.entity.asks", "{ask}", "Asks of entities that were taken in.");
        _appendRows = _meter.CreateCounter<long>("actorgrid.append.rows", "{row}", "Rows appended to the store.");
        _appendShards = _meter.CreateHistogram<int>("actorgrid.append.shards", "{shard}", "Shards in one append.");
        _batchRows = _meter.CreateHistogram<int>("actorgrid.append.batch", "{row}", "Rows in one append.");
        _appendBytes = _meter.CreateCounter<long>("actorgrid.append.bytes", "By", "Bytes appended to the store.");
        _recoveries = _meter.CreateCounter<long>("actorgrid.entity.recovery_reads", "{read}", "Pages of histories asked for.");
        _snapshots = _meter.CreateCounter<long>("actorgrid.entity.snapshots", "{snapshot}", "Snapshots given to the store.");
        _timers = _meter.CreateCounter<long>("actorgrid.entity.timers_fired", "{timer}", "Timers of entities that came due.");
        _meter.CreateObservableGauge("actorgrid.entity.in_memory", entitiesInMemory, "{entity}", "Entities in memory.");
    }

    public void OnAsk()
    {
        if (_asks.Enabled) _asks.Add(1);
    }

    public void OnAppend(int shards, int rows, long bytes)
    {
        _appendShards.Record(shards);
        _batchRows.Record(rows);
        _appendRows.Add(rows);
        _appendBytes.Add(bytes);
    }

    public void OnRecoveryRead(int entities) => _recoveries.Add(entities);

    public void OnSnapshots(int count) => _snapshots.Add(count);

    public void OnTimer() => _timers.Add(1);

    public void Dispose() => _meter.Dispose();
}
