namespace ActorGrid.Persistence;

/// <summary>Is told when a shard stops on its own. Called on the shard's turn, at most once for each opening; it must neither wait nor
/// throw.</summary>
internal interface IShardWatcher
{
    /// <summary>A shard that was open serves no more; its calls have been failed.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="epoch">The epoch that it had last.</param>
    /// <param name="end">Why.</param>
    /// <param name="reason">The defect, if it was one.</param>
    void OnShardEnded(ShardId shard, Epoch epoch, ShardEnd end, Exception? reason);
}

/// <summary>Why a shard stopped on its own.</summary>
internal enum ShardEnd
{
    /// <summary>Somebody else has raised its fence.</summary>
    Fenced,

    /// <summary>Its memory may be wrong; its journal is not. It may be opened anew, under a later generation.</summary>
    Defect,
}
