using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>Codecs from a source-generated JSON context. An event is stored as the JSON of its concrete type, since its manifest already
/// says which that is.</summary>
internal sealed class JsonCodecSource(JsonSerializerContext context, string entityType) : ICodecSource
{
    public MessageCodec<T> Find<T>(string manifest, string role)
        where T : notnull => new JsonMessageCodec<T>(manifest, (JsonTypeInfo<T>)TypeInfo(typeof(T), role));

    public IReadOnlyList<EventCodec<TEvent>> Events<TEvent>()
        where TEvent : class
    {
        var derived = TypeInfo(typeof(TEvent), "event base").PolymorphismOptions?.DerivedTypes ?? [];
        if (derived.Count == 0)
        {
            throw new EntityRegistrationException(
                $"The events of '{entityType}' have no names: add [JsonDerivedType(typeof(X), \"x\")] to {typeof(TEvent).Name} for each event X.");
        }
        return [.. derived.Select(d => Event<TEvent>(d.DerivedType, d.TypeDiscriminator as string))];
    }

    private JsonEventCodec<TEvent> Event<TEvent>(Type type, string? name)
        where TEvent : class
    {
        if (string.IsNullOrWhiteSpace(name) || name[0] == '$' || name.Length > MessageCodec.ManifestLengthMax)
        {
            throw new EntityRegistrationException(
                $"The event {type.Name} of '{entityType}' needs a name of 1 to {MessageCodec.ManifestLengthMax} characters that does not begin with '$': "
                + $"write [JsonDerivedType(typeof({type.Name}), \"name\")] on {typeof(TEvent).Name}.");
        }
        return new JsonEventCodec<TEvent>(name, type, TypeInfo(type, "event"));
    }

    private JsonTypeInfo TypeInfo(Type type, string role) => context.GetTypeInfo(type)
        ?? throw new EntityRegistrationException(
            $"The {role} {type} of '{entityType}' is unknown to {context.GetType().Name}: add [JsonSerializable(typeof({CSharpName.Of(type)}))] to it.");
}

internal sealed class JsonEventCodec<TEvent>(string manifest, Type eventType, JsonTypeInfo typeInfo) : EventCodec<TEvent>(manifest, eventType)
    where TEvent : class
{
    public override void Encode(TEvent e, IBufferWriter<byte> output)
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

    public override TEvent Decode(ReadOnlySpan<byte> payload)
    {
        try
        {
            return JsonSerializer.Deserialize(payload, typeInfo) as TEvent
                ?? throw new CodecException($"The payload of '{Manifest}' is a JSON null, which is no {EventType}.");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new CodecException($"The payload of '{Manifest}' is not the JSON of {EventType}: {e.Message}", e);
        }
    }
}
