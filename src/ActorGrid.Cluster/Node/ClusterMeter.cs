using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;

namespace ActorGrid.Cluster;

/// <summary>What the nodes of this process count of the cluster, on one meter. An instrument that nobody listens to costs a check.</summary>
/// <remarks>The instruments outlive all nodes: the runtime keeps every meter that is not disposed, and a node that dies in a simulation disposes nothing.</remarks>
internal static class ClusterMeter
{
    public const string Name = "ActorGrid";

    private static readonly Meter Meter = new(Name);
    private static readonly Counter<long> Malformed =
        Meter.CreateCounter<long>("actorgrid.cluster.malformed", "{frame}", "Frames that were no message; each has cost its sender the link.");
    private static readonly Counter<long> Proposals =
        Meter.CreateCounter<long>("actorgrid.cluster.views_written", "{view}", "Views that this node has proposed with success.");
    private static readonly Counter<long> ProposalsLost =
        Meter.CreateCounter<long>("actorgrid.cluster.views_lost", "{view}", "Views that this node has proposed in vain.");
    private static readonly Counter<long> Incarnations =
        Meter.CreateCounter<long>("actorgrid.cluster.incarnations", "{incarnation}", "Incarnations that this node has begun.");
    private static readonly Counter<long> RenewalFailures =
        Meter.CreateCounter<long>("actorgrid.cluster.renewal_failures", "{renewal}", "Renewals of the lease that have failed.");
    private static readonly Counter<long> ShardDefects =
        Meter.CreateCounter<long>("actorgrid.cluster.shard_defects", "{shard}", "Shards that have stopped on a defect again and again.");
    private static readonly Counter<long> TopicsMissed = Meter.CreateCounter<long>(
        "actorgrid.cluster.topic_misses", "{message}", "Published messages that a link, a mailbox or a codec did not take.");

    /// <summary>Makes the instruments known to listeners, who else would not see them before something is counted for the first time.</summary>
    public static void Publish() => RuntimeHelpers.RunClassConstructor(typeof(ClusterMeter).TypeHandle);

    public static void OnMalformed() => Malformed.Add(1);

    public static void OnProposal(bool won) => (won ? Proposals : ProposalsLost).Add(1);

    public static void OnIncarnation() => Incarnations.Add(1);

    public static void OnRenewalFailed() => RenewalFailures.Add(1);

    public static void OnShardDefect() => ShardDefects.Add(1);

    public static void OnTopicMissed() => TopicsMissed.Add(1);
}
