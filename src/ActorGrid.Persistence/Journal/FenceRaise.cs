namespace ActorGrid.Persistence;

/// <summary>Asks for a fence of a shard to be raised.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="Fence">The fence that it shall have: of a later epoch than the present one, or the present one itself.</param>
public readonly record struct FenceRaise(ShardId Shard, Fence Fence);

/// <summary>What became of a <see cref="FenceRaise"/>.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="Raised">
/// True if the shard now has the fence that was asked for. False if it has one of the same or a later epoch that is not it: somebody else
/// owns the shard.
/// </param>
/// <param name="Current">The fence that the shard has now.</param>
/// <param name="LastOffset">The offset of the last event committed in the shard, 0 if there is none. Final, if the fence was
/// raised.</param>
/// <param name="YoungestReplyIssuedAtUnixMs">
/// The latest <see cref="CommandId.IssuedAtUnixMs"/> of all replies ever recorded in the shard, forgotten ones too, 0 if there are none. A
/// command with a later one has never been committed here.
/// </param>
/// <param name="RepliesForgottenBeforeUnixMs">Replies to commands issued before this time may have been forgotten; 0 if none ever
/// were.</param>
public sealed record FenceOutcome(
    ShardId Shard, bool Raised, Fence Current, long LastOffset, long YoungestReplyIssuedAtUnixMs, long RepliesForgottenBeforeUnixMs);
