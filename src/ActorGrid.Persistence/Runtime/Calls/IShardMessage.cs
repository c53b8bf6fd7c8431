namespace ActorGrid.Persistence;

/// <summary>What a shard's actor understands.</summary>
internal interface IShardMessage;
