using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>The events by which an entity's timers are part of its history. Their manifests begin with <c>$</c>, which no event of a user
/// may.</summary>
internal static class TimerEvents
{
    public const string Set = "$timer-set", Fired = "$timer-fired", Cancelled = "$timer-cancelled";

    public static bool IsTimerEvent(string manifest) => manifest.StartsWith("$timer-", StringComparison.Ordinal);

    public static void Encode(TimerSetEvent e, IBufferWriter<byte> output) => Encode(e, TimerJson.Default.TimerSetEvent, output);

    public static void Encode(TimerEndedEvent e, IBufferWriter<byte> output) => Encode(e, TimerJson.Default.TimerEndedEvent, output);

    /// <summary>The timers after one of these events.</summary>
    /// <exception cref="CodecException">It is none, or its payload is damaged.</exception>
    public static TimerSet Apply(TimerSet timers, JournalEvent e)
    {
        try
        {
            switch (e.Manifest)
            {
                case Set:
                    var set = JsonSerializer.Deserialize(e.Payload.Span, TimerJson.Default.TimerSetEvent)!;
                    return timers.With(new SetTimer(set.Name, set.DueUnixMs, e.Sequence));
                case Fired or Cancelled:
                    return timers.Without(JsonSerializer.Deserialize(e.Payload.Span, TimerJson.Default.TimerEndedEvent)!.Name);
                default:
                    throw new CodecException($"This version of ActorGrid does not know the event '{e.Manifest}'.");
            }
        }
        catch (JsonException cause)
        {
            throw new CodecException($"The payload of '{e.Manifest}' is damaged: {cause.Message}", cause);
        }
    }

    private static void Encode<T>(T e, JsonTypeInfo<T> typeInfo, IBufferWriter<byte> output)
    {
        var writer = JsonWriterCache.Rent(output);
        try
        {
            JsonSerializer.Serialize(writer, e, typeInfo);
        }
        finally
        {
            JsonWriterCache.Return(writer);
        }
    }
}

internal sealed record TimerSetEvent(string Name, long DueUnixMs, string Command, byte[] Payload);

internal sealed record TimerEndedEvent(string Name, long SetSequence);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(TimerSetEvent)), JsonSerializable(typeof(TimerEndedEvent)), JsonSerializable(typeof(SnapshotHeader))]
internal sealed partial class TimerJson : JsonSerializerContext;
