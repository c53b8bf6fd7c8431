using System.Diagnostics.Metrics;

namespace ActorGrid.Actors;

/// <summary>Counts what was refused for want of room, on the meter <c>ActorGrid</c>.</summary>
internal static class OverloadMeter
{
    private static readonly Meter Meter = new("ActorGrid");
    private static readonly Counter<long> Refused = Meter.CreateCounter<long>("actorgrid.refused", "{refusal}", "What was refused since a bound was reached, by the option that raises the bound.");

    public static void OnRefused(string option) => Refused.Add(1, new KeyValuePair<string, object?>("actorgrid.bound", option));
}
