namespace ActorGrid.Persistence;

/// <summary>What a row of an archive holds, in the order in which the kinds follow on each other.</summary>
public enum ArchiveKind
{
    /// <summary>How far replies are forgotten: one row, the first.</summary>
    Horizon,

    /// <summary>The shards of a role.</summary>
    Role,

    /// <summary>The role of an entity type.</summary>
    EntityType,

    /// <summary>A shard that had an owner.</summary>
    Shard,

    /// <summary>An event.</summary>
    Event,

    /// <summary>A snapshot.</summary>
    Snapshot,

    /// <summary>The reply to a command.</summary>
    Reply,

    /// <summary>A timer that is set.</summary>
    Timer,

    /// <summary>An attachment.</summary>
    Attachment,

    /// <summary>How far a subscription has come in a shard.</summary>
    Cursor,
}

/// <summary>A row of an archive.</summary>
/// <param name="Kind">What it holds.</param>
public abstract record ArchiveRow(ArchiveKind Kind)
{
    /// <summary>How much memory it holds on to, beside a little that each row does.</summary>
    internal virtual int PayloadBytes => 0;
}

/// <summary>How far replies are forgotten.</summary>
/// <param name="RepliesForgottenBeforeUnixMs">Replies to commands issued before this time may have been forgotten; 0 if none ever were.</param>
public sealed record ArchivedHorizon(long RepliesForgottenBeforeUnixMs) : ArchiveRow(ArchiveKind.Horizon);

/// <summary>The shards of a role: as many as the grid has, numbered on from those of the role before. In the order of <paramref name="FirstShard"/>; shards without a role come first and have no such row.</summary>
/// <param name="Role">The role.</param>
/// <param name="FirstShard">The number of the first of its shards.</param>
public sealed record ArchivedRole(string Role, int FirstShard) : ArchiveRow(ArchiveKind.Role);

/// <summary>The role of an entity type that a cluster knows, by the name of the type.</summary>
/// <param name="Type">The name of the type.</param>
/// <param name="Role">Its role; empty: none.</param>
public sealed record ArchivedEntityType(string Type, string Role) : ArchiveRow(ArchiveKind.EntityType);

/// <summary>A shard that had an owner, by its number.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="Fence">Its fence.</param>
/// <param name="LastOffset">The offset of its last event, 0 if there is none.</param>
/// <param name="YoungestReplyIssuedAtUnixMs">The latest <see cref="CommandId.IssuedAtUnixMs"/> of all replies ever recorded in it.</param>
/// <param name="RemovedTo">The greatest offset of all events that were ever removed from it, 0 if none were.</param>
public sealed record ArchivedShard(ShardId Shard, Fence Fence, long LastOffset, long YoungestReplyIssuedAtUnixMs, long RemovedTo = 0) : ArchiveRow(ArchiveKind.Shard);

/// <summary>An event, by shard and offset.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="Stored">The event with its place.</param>
public sealed record ArchivedEvent(ShardId Shard, StoredEvent Stored) : ArchiveRow(ArchiveKind.Event)
{
    internal override int PayloadBytes => Stored.Event.Payload.Length;
}

/// <summary>A snapshot, by entity type and key (these, as all names, by the bytes of their UTF-8).</summary>
/// <param name="Snapshot">The snapshot.</param>
/// <param name="RemovedTo">The sequence number of the last event of the entity that was removed, 0 if none was. The first event of the entity is the next.</param>
public sealed record ArchivedSnapshot(SnapshotRecord Snapshot, long RemovedTo = 0) : ArchiveRow(ArchiveKind.Snapshot)
{
    internal override int PayloadBytes => Snapshot.Payload.Length;
}

/// <summary>The reply to a command, by command id, entity type and key.</summary>
/// <param name="Reply">The reply.</param>
public sealed record ArchivedReply(ReplyRecord Reply) : ArchiveRow(ArchiveKind.Reply)
{
    internal override int PayloadBytes => Reply.Payload.Length;
}

/// <summary>A timer that is set, by entity type, key and name.</summary>
/// <param name="Shard">The shard of its entity.</param>
/// <param name="Timer">The timer.</param>
public sealed record ArchivedTimer(ShardId Shard, TimerRecord Timer) : ArchiveRow(ArchiveKind.Timer)
{
    internal override int PayloadBytes => Timer.Payload.Length;
}

/// <summary>An attachment, by entity type, key and name.</summary>
/// <param name="Entity">The entity.</param>
/// <param name="Name">The name of the attachment.</param>
/// <param name="Payload">What it holds.</param>
public sealed record ArchivedAttachment(EntityId Entity, string Name, ReadOnlyMemory<byte> Payload) : ArchiveRow(ArchiveKind.Attachment)
{
    internal override int PayloadBytes => Payload.Length;
}

/// <summary>How far a subscription or projection has come in a shard, by name and shard.</summary>
/// <param name="Key">Whose cursor, and where.</param>
/// <param name="Cursor">The cursor.</param>
public sealed record ArchivedCursor(CursorKey Key, Cursor Cursor) : ArchiveRow(ArchiveKind.Cursor);
