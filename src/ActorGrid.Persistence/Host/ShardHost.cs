using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>The shards that a node owns, which come and go one by one, and the entities in them.</summary>
/// <remarks>
/// <para>Calls are taken in from any thread. Everything else is called by one at a time: the host of a single node, or the steward of a node in a
/// cluster.</para>
/// <para>A shard is expected, then open, then perhaps releasing, and closed. Between expected and closed it takes calls; they wait unless it is open.</para>
/// </remarks>
internal sealed class ShardHost
{
    /// <summary>Starts without a shard.</summary>
    /// <param name="system">Where the shards run.</param>
    /// <param name="store">The store, opened.</param>
    /// <param name="types">The entity types.</param>
    /// <param name="options">Bounds and times, checked.</param>
    /// <param name="shardOf">The shard of an entity.</param>
    /// <param name="gate">Asked at the release of each reply that rests on no append; null: there is nobody else who could own a shard.</param>
    /// <param name="watcher">Is told of shards that stop on their own.</param>
    public static ShardHost Start(
        ActorSystem system, IGridStore store, EntityTypes types, EntityHostOptions options, Func<EntityId, ShardId> shardOf, IAnswerGate? gate,
        IShardWatcher watcher) => throw new NotSupportedException();

    /// <summary>Takes a call in. From then on the shard holds it, until it has ended.</summary>
    /// <returns>False if the shard is not here; the caller still holds the call. A shard that is full fails it with <see cref="OverloadedException"/>.</returns>
    public bool TryAdmit(ShardId shard, IEntityCall call) => throw new NotSupportedException();

    /// <summary>From now on calls of the shard are taken in, and wait until it is open, their deadline has passed, or it is closed. Harmless if the shard is here.</summary>
    public void Expect(ShardId shard) => throw new NotSupportedException();

    /// <summary>Serves an expected shard.</summary>
    /// <param name="raised">How its fence was raised.</param>
    /// <param name="states">What its last owner handed over; used if and only if its offset is that of <paramref name="raised"/>.</param>
    public void Open(FenceOutcome raised, HandedOver? states) => throw new NotSupportedException();

    /// <summary>Lets the calls that are in hand end and new ones wait, and gives the durable states away. The shard decides nothing any more until
    /// <see cref="Resume"/>, and is still to be closed.</summary>
    /// <returns>The states, once nothing is in hand; null if the shard was lost, resumed or closed meanwhile.</returns>
    public Task<HandedOver?> ReleaseAsync(ShardId shard) => throw new NotSupportedException();

    /// <summary>Serves a shard on that was released, since its move was cancelled.</summary>
    public void Resume(ShardId shard) => throw new NotSupportedException();

    /// <summary>Drops a shard at once; its calls fail with <see cref="OwnershipLostException"/>. Harmless if it is not here.</summary>
    public void Close(ShardId shard, string why) => throw new NotSupportedException();

    /// <summary>Refuses new calls, finishes those in hand, and stops. Idempotent.</summary>
    /// <param name="cancellationToken">Ends the patience: what is not finished then is dropped.</param>
    public Task StopAsync(CancellationToken cancellationToken) => throw new NotSupportedException();
}
