namespace ActorGrid.Persistence;

/// <summary>A change to the attachments of an entity: named payloads in rows of their own, for what is too large for events.</summary>
/// <param name="Entity">The entity.</param>
/// <param name="Name">The name of the attachment, 1 to 200 characters.</param>
/// <param name="Payload">What it shall hold, at most <see cref="JournalLimits.AttachmentBytesMax"/>; null removes it.</param>
public sealed record AttachmentChange(EntityId Entity, string Name, ReadOnlyMemory<byte>? Payload);
