using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace ActorGrid.Actors;

/// <summary>Messages as UTF-8 JSON, by a source-generated <see cref="JsonTypeInfo{T}"/>: no reflection, no type names in the payload.</summary>
/// <typeparam name="T">The message type.</typeparam>
/// <param name="manifest">The stable name of the type, 1 to 200 characters.</param>
/// <param name="typeInfo">From a <c>JsonSerializerContext</c>.</param>
public sealed class JsonMessageCodec<T>(string manifest, JsonTypeInfo<T> typeInfo) : MessageCodec<T>(manifest)
    where T : notnull
{
    /// <inheritdoc/>
    public override void Encode(T message, IBufferWriter<byte> output)
    {
        var writer = JsonWriterCache.Rent(output);
        try
        {
            JsonSerializer.Serialize(writer, message, typeInfo);
        }
        finally
        {
            JsonWriterCache.Return(writer);
        }
    }

    /// <inheritdoc/>
    public override T Decode(ReadOnlySpan<byte> payload)
    {
        try
        {
            return JsonSerializer.Deserialize(payload, typeInfo)
                ?? throw new CodecException($"The payload of '{Manifest}' is a JSON null, which is no {typeof(T)}.");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new CodecException($"The payload of '{Manifest}' is not the JSON of {typeof(T)}: {e.Message}", e);
        }
    }
}
