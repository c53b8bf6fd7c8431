namespace ActorGrid.Persistence;

/// <summary>The durable states of a shard on their way to its next owner. They are good if and only if the shard's last offset is still <see cref="Offset"/>
/// after the next owner has raised the fence.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="Offset">The offset of its last event.</param>
/// <param name="Entities">The entities that were in memory, as many as fit.</param>
internal sealed record HandedOver(ShardId Shard, long Offset, IReadOnlyList<HandedEntity> Entities)
{
    /// <summary>The states in pieces, each of at most so many bytes but for an entity that alone has more. There is at least one piece.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> ToPieces(int bytesMax) => throw new NotSupportedException();

    /// <summary>Reads the pieces, in their order.</summary>
    /// <exception cref="FormatException">They are damaged.</exception>
    public static HandedOver FromPieces(ShardId shard, long offset, IReadOnlyList<ReadOnlyMemory<byte>> pieces) => throw new NotSupportedException();
}

/// <summary>A durable state.</summary>
/// <param name="Id">The entity.</param>
/// <param name="Sequence">The sequence number of the event that it rests on, 0: none.</param>
/// <param name="Epoch">The epoch of that event.</param>
/// <param name="AtUnixMs">When that event was decided.</param>
/// <param name="SnapshotSequence">The sequence number of its last snapshot.</param>
/// <param name="Payload">State and timers in the form of a snapshot.</param>
internal sealed record HandedEntity(EntityId Id, long Sequence, Epoch Epoch, long AtUnixMs, long SnapshotSequence, ReadOnlyMemory<byte> Payload);
