namespace ActorGrid.Persistence;

/// <summary>An event of an entity, as it is stored.</summary>
/// <param name="Entity">Whose event it is.</param>
/// <param name="Sequence">Its number among the entity's events, from 1, without gaps.</param>
/// <param name="Manifest">The name of its format; names that begin with <c>$</c> belong to ActorGrid.</param>
/// <param name="AtUnixMs">When it was decided, by the owner's clock.</param>
/// <param name="Payload">Its bytes, at most <see cref="JournalLimits.PayloadBytesMax"/>.</param>
public sealed record JournalEvent(EntityId Entity, long Sequence, string Manifest, long AtUnixMs, ReadOnlyMemory<byte> Payload);

/// <summary>An event together with its place in the shard.</summary>
/// <param name="Event">The event.</param>
/// <param name="Offset">Its number among the events of its shard, from 1, without gaps.</param>
/// <param name="Epoch">The epoch that it was written in.</param>
public sealed record StoredEvent(JournalEvent Event, long Offset, Epoch Epoch);

/// <summary>The largest things that a journal takes; who writes checks before.</summary>
public static class JournalLimits
{
    /// <summary>The most bytes in the payload of an event, a reply, a timer or a snapshot: 16 MiB.</summary>
    public const int PayloadBytesMax = 16 << 20;

    /// <summary>The most bytes in an attachment: 256 MiB.</summary>
    public const int AttachmentBytesMax = 256 << 20;

    /// <summary>The most characters in the name of an attachment: 200.</summary>
    public const int AttachmentNameLengthMax = 200;
}
