using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;

namespace ActorGrid.Actors;

/// <summary>Counts what was refused for want of room, on the meter <c>ActorGrid</c>.</summary>
internal static class OverloadMeter
{
    private static readonly Meter Meter = new("ActorGrid");
    private static readonly Counter<long> Refused = Meter.CreateCounter<long>("actorgrid.refused", "{refusal}", "What was refused since a bound was reached, by the option that raises the bound.");

    /// <summary>Makes the instruments known to listeners, who else would not see them before something is counted for the first time.</summary>
    public static void Publish() => RuntimeHelpers.RunClassConstructor(typeof(OverloadMeter).TypeHandle);

    public static void OnRefused(string option) => Refused.Add(1, new KeyValuePair<string, object?>("actorgrid.bound", option));
}
