using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using ActorGrid.Cluster;

namespace ActorGrid.Transport;

/// <summary>What the transports of this process count. An instrument that nobody listens to costs a check.</summary>
internal static class TransportMeter
{
    public const string Name = "ActorGrid";

    private static readonly Meter Meter = new(Name);
    private static readonly Counter<long> Refused =
        Meter.CreateCounter<long>("actorgrid.transport.refused", "{connection}", "Connections that were refused or ended for what came on them, by reason.");
    private static readonly UpDownCounter<long> Links =
        Meter.CreateUpDownCounter<long>("actorgrid.transport.links", "{link}", "Links that are open.");
    private static readonly Counter<long> NotTaken =
        Meter.CreateCounter<long>("actorgrid.transport.not_taken", "{frame}", "Frames that a link did not take, by lane: it was closed, or the peer was too slow.");

    /// <summary>Makes the instruments known to listeners, who else would not see them before something is counted for the first time.</summary>
    public static void Publish() => RuntimeHelpers.RunClassConstructor(typeof(TransportMeter).TypeHandle);

    public static void OnRefused(Refusal refusal) => Refused.Add(1, new KeyValuePair<string, object?>("actorgrid.transport.reason", refusal.ToString()));

    public static void OnOpened() => Links.Add(1);

    public static void OnClosed() => Links.Add(-1);

    public static void OnNotTaken(Lane lane)
    {
        if (NotTaken.Enabled) NotTaken.Add(1, new KeyValuePair<string, object?>("actorgrid.transport.lane", lane.ToString()));
    }
}
