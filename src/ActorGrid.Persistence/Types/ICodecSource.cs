using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>Where an entity type gets its codecs from when it is registered.</summary>
internal interface ICodecSource
{
    /// <summary>The codec of a type.</summary>
    /// <param name="manifest">The name that the codec shall go by.</param>
    /// <param name="role">What the type is to the entity, for the error.</param>
    /// <exception cref="EntityRegistrationException">There is none; the message names what to add.</exception>
    MessageCodec<T> Find<T>(string manifest, string role)
        where T : notnull;

    /// <summary>The codecs of all events under a base type, each with the concrete type that it writes.</summary>
    /// <exception cref="EntityRegistrationException">There are none; the message names what to add.</exception>
    IReadOnlyList<EventCodec<TEvent>> Events<TEvent>()
        where TEvent : class;
}

/// <summary>The codec of one concrete event type.</summary>
internal abstract class EventCodec<TEvent>(string manifest, Type eventType)
{
    public string Manifest { get; } = manifest;

    public Type EventType { get; } = eventType;

    public abstract void Encode(TEvent e, System.Buffers.IBufferWriter<byte> output);

    public abstract TEvent Decode(ReadOnlySpan<byte> payload);
}
