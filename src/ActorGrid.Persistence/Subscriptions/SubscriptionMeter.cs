using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;

namespace ActorGrid.Persistence;

/// <summary>What subscriptions and projections count, by the name of the subscription.</summary>
internal static class SubscriptionMeter
{
    private static readonly Meter Meter = new(NodeMeter.Name);
    private static readonly Counter<long> Events = Meter.CreateCounter<long>("actorgrid.subscription.events", "{event}", "Events that a subscription is done with.");
    private static readonly Counter<long> Failures =
        Meter.CreateCounter<long>("actorgrid.subscription.failures", "{failure}", "Attempts of a subscription to go on that failed: in its handler, in reading an event or in the store.");
    private static readonly UpDownCounter<long> Lag = Meter.CreateUpDownCounter<long>(
        "actorgrid.subscription.lag", "{event}", "Events in the shards of this node that are committed and that a subscription is not done with.");

    /// <summary>Makes the instruments known to listeners, who else would not see them before something is counted for the first time.</summary>
    public static void Publish() => RuntimeHelpers.RunClassConstructor(typeof(SubscriptionMeter).TypeHandle);

    public static void OnEvents(string subscription, int count) => Events.Add(count, Of(subscription));

    public static void OnFailure(string subscription) => Failures.Add(1, Of(subscription));

    public static void OnLag(string subscription, long change) => Lag.Add(change, Of(subscription));

    private static KeyValuePair<string, object?> Of(string subscription) => new("actorgrid.subscription.name", subscription);
}
