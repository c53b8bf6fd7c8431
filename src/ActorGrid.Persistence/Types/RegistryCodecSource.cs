using System.Buffers;
using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>Codecs that the user wrote, from a registry.</summary>
internal sealed class RegistryCodecSource(CodecRegistry registry, string entityType) : ICodecSource
{
    public MessageCodec<T> Find<T>(string manifest, string role)
        where T : notnull => registry.Find(typeof(T)) as MessageCodec<T>
            ?? throw new EntityRegistrationException(
                $"The {role} {typeof(T)} of '{entityType}' has no codec: add a MessageCodec<{CSharpName.Of(typeof(T))}> to the registry.");

    public IReadOnlyList<EventCodec<TEvent>> Events<TEvent>()
        where TEvent : class
    {
        var codecs = registry.Manifests.Order(StringComparer.Ordinal)
            .Select(manifest => registry.Find(manifest)!)
            .Where(codec => typeof(TEvent).IsAssignableFrom(codec.MessageType))
            .Select(codec => new RegistryEventCodec<TEvent>(codec))
            .ToList();
        if (codecs.Find(codec => codec.Manifest[0] == '$') is { } reserved)
        {
            throw new EntityRegistrationException($"The event {reserved.EventType.Name} of '{entityType}' has the name '{reserved.Manifest}'; names that begin with '$' belong to ActorGrid: give it another.");
        }
        return codecs.Count > 0
            ? codecs
            : throw new EntityRegistrationException(
                $"The events of '{entityType}' have no codec: add to the registry a MessageCodec for each type derived from {typeof(TEvent).Name}.");
    }
}

internal sealed class RegistryEventCodec<TEvent>(MessageCodec codec) : EventCodec<TEvent>(codec.Manifest, codec.MessageType)
    where TEvent : class
{
    public override void Encode(TEvent e, IBufferWriter<byte> output) => codec.EncodeObject(e, output);

    public override TEvent Decode(ReadOnlySpan<byte> payload) => (TEvent)codec.DecodeObject(payload);
}
