using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>The events by which repairs are part of the history of an entity. They change nothing by themselves: what they say counts where the events are that they name.</summary>
internal static class RepairEvents
{
    public const string Manifest = "$repair";

    public static bool Is(JournalEvent e) => e.Manifest == Manifest;

    public static void Encode(Repair repair, IBufferWriter<byte> output)
    {
        var writer = JsonWriterCache.Rent(output);
        try
        {
            var steps = repair.Steps.Select(s => new StoredRepairStep(s.Sequence, ActOf(s.Kind), s.Name, s.Kind == RepairKind.Replace ? s.Payload.ToArray() : null));
            JsonSerializer.Serialize(writer, new StoredRepair(repair.By, repair.Why, [.. steps]), RepairJson.Default.StoredRepair);
        }
        finally
        {
            JsonWriterCache.Return(writer);
        }
    }

    /// <summary>A repair as it is to stand in the journal: encrypted as the other events of its entity are, since it holds events, and words about whom the entity is.</summary>
    public static JournalEvent Stored(EntityId entity, Repair repair, long sequence, long atUnixMs, EntityCipher? cipher)
    {
        var payload = new ArrayBufferWriter<byte>();
        Encode(repair, payload);
        if (cipher is not null)
        {
            var clear = payload;
            payload = new ArrayBufferWriter<byte>(clear.WrittenCount + EncryptedPayload.OverheadBytes);
            cipher.Encrypt(clear.WrittenSpan, PayloadPlace.Event(sequence, Manifest, atUnixMs), payload);
        }
        return new JournalEvent(entity, sequence, Manifest, atUnixMs, payload.WrittenMemory);
    }

    /// <summary>Reads a repair, and checks it as if it were made here: it may come from another node, or from a file.</summary>
    /// <exception cref="CodecException">It is damaged, or out of range.</exception>
    public static Repair Decode(ReadOnlySpan<byte> payload)
    {
        try
        {
            var stored = JsonSerializer.Deserialize(payload, RepairJson.Default.StoredRepair) ?? throw new CodecException("The payload of a repair is a JSON null.");
            var repair = new Repair(stored.By, stored.Why);
            foreach (var step in stored.Steps ?? [])
            {
                repair = step.Act switch
                {
                    "skip" => repair.Skip(step.Sequence),
                    "replace" => repair.Replace(step.Sequence, step.Name!, step.Payload),
                    "ignore-snapshot" => repair.IgnoreSnapshot(step.Sequence),
                    _ => throw new CodecException($"This version of ActorGrid does not know the repair '{step.Act}'."),
                };
            }
            return Repair.CheckSteps(repair);
        }
        catch (Exception cause) when (cause is JsonException or ArgumentException)
        {
            throw new CodecException($"The payload of a repair is damaged: {cause.Message}", cause);
        }
    }

    private static string ActOf(RepairKind kind) => kind switch
    {
        RepairKind.Skip => "skip",
        RepairKind.Replace => "replace",
        _ => "ignore-snapshot",
    };
}

internal sealed record StoredRepair(string By, string Why, StoredRepairStep[]? Steps);

internal sealed record StoredRepairStep(long Sequence, string Act, string? Name, byte[]? Payload);

internal sealed record StoredReceipt(long Sequence, long AtUnixMs);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StoredRepair)), JsonSerializable(typeof(StoredReceipt))]
internal sealed partial class RepairJson : JsonSerializerContext;
