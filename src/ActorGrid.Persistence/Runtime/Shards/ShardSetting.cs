using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>What the shards of a node share.</summary>
internal sealed record NodeSetting(
    IGridStore Store,
    EntityHostOptions Options,
    EntityTypes Types,
    Func<EntityId, ShardId> ShardOf,
    Budget Entities,
    Budget Replies,
    ReplyHorizon Horizon,
    RecordedBirths Births,
    LogLimit Refusals,
    LogLimit ReadFailures,
    ActorRef<ReadLane.IMessage> Reads,
    ActorRef<SnapshotLane.IMessage> Snapshots,
    ActorRef<KeyLane.IMessage>? Keys,
    ActorRef<RetentionLane.IMessage>? Retention,
    int HandoverBytesMax,
    Budget HandoverBytes,
    IAnswerGate? Gate,
    IShardWatcher Watcher,
    IShardFollower? Follower);

/// <summary>What a shard starts from.</summary>
/// <param name="Node">What it shares.</param>
/// <param name="Shard">Which one it is.</param>
/// <param name="Commits">Its lane.</param>
/// <param name="Load">Counts the commands that it has in hand.</param>
internal sealed record ShardSetting(NodeSetting Node, ShardId Shard, ActorRef<CommitLane.IMessage> Commits, ShardLoad Load);

/// <summary>Counts the commands that a shard has in hand: with this one bound, every queue behind it is bounded.</summary>
/// <remarks>Thread-safe: callers enter, the shard lets them leave.</remarks>
internal sealed class ShardLoad(int inHandMax, ActorSystem system)
{
    private readonly Refusals _refusals = new("commands in the hands of its shard", nameof(EntityHostOptions.CommandsPerShardMax), inHandMax, system.Time, system.Random);
    private int _inHand;

    public bool IsFull => InHand >= inHandMax;

    public int InHand => Volatile.Read(ref _inHand);

    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _inHand) <= inHandMax) return true;
        Leave();
        return false;
    }

    public void Leave()
    {
        if (Interlocked.Decrement(ref _inHand) < 0) throw new InvalidOperationException("A command has left its shard twice.");
    }

    public OverloadedException Refuse(EntityId entity) => _refusals.Refuse(entity.ToString());
}
