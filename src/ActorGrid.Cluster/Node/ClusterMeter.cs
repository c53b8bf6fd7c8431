using System.Diagnostics.Metrics;

namespace ActorGrid.Cluster;

/// <summary>What a node counts of the cluster. An instrument that nobody listens to costs a check.</summary>
internal sealed class ClusterMeter : IDisposable
{
    public const string Name = "ActorGrid";

    private readonly Meter _meter = new(Name);
    private readonly Counter<long> _malformed;
    private readonly Counter<long> _proposals;
    private readonly Counter<long> _proposalsLost;
    private readonly Counter<long> _incarnations;
    private readonly Counter<long> _renewalFailures;
    private readonly Counter<long> _shardDefects;

    public ClusterMeter()
    {
        _malformed = _meter.CreateCounter<long>("actorgrid.cluster.malformed", "{frame}", "Frames that were no message; each has cost its sender the link.");
        _proposals = _meter.CreateCounter<long>("actorgrid.cluster.views_written", "{view}", "Views that this node has proposed with success.");
        _proposalsLost = _meter.CreateCounter<long>("actorgrid.cluster.views_lost", "{view}", "Views that this node has proposed in vain.");
        _incarnations = _meter.CreateCounter<long>("actorgrid.cluster.incarnations", "{incarnation}", "Incarnations that this node has begun.");
        _renewalFailures = _meter.CreateCounter<long>("actorgrid.cluster.renewal_failures", "{renewal}", "Renewals of the lease that have failed.");
        _shardDefects = _meter.CreateCounter<long>("actorgrid.cluster.shard_defects", "{shard}", "Shards that have stopped on a defect again and again.");
    }

    public void OnMalformed() => _malformed.Add(1);

    public void OnProposal(bool won) => (won ? _proposals : _proposalsLost).Add(1);

    public void OnIncarnation() => _incarnations.Add(1);

    public void OnRenewalFailed() => _renewalFailures.Add(1);

    public void OnShardDefect() => _shardDefects.Add(1);

    public void Dispose() => _meter.Dispose();
}
