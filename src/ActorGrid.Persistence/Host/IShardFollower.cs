namespace ActorGrid.Persistence;

/// <summary>Is told what the shards of a node have committed. Called on the turn of the shard, in this order for each owner; it must neither wait nor throw.</summary>
/// <remarks>An owner is whoever serves the shard from one opening to its end. One that was closed may come to say that it has left after the next one has opened.</remarks>
internal interface IShardFollower
{
    /// <summary>The node serves a shard from now on, whose last event has this offset.</summary>
    void OnOpened(ShardId shard, object owner, Epoch epoch, long lastOffset);

    /// <summary>Events up to this offset are committed.</summary>
    void OnCommitted(ShardId shard, object owner, long lastOffset);

    /// <summary>The node serves the shard no more.</summary>
    void OnLeft(ShardId shard, object owner);
}
