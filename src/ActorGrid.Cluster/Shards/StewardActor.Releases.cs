using ActorGrid.Persistence;

namespace ActorGrid.Cluster;

internal sealed partial class StewardActor
{
    /// <summary>The view wants the shard to be released.</summary>
    private void Release(OwnedShard shard)
    {
        switch (shard.Stage)
        {
            case ShardStage.Releasing:
                break;
            case ShardStage.Drained:
                // Told anew with each version: what the node was told with an earlier one is void.
                TellReady(shard);
                break;
            case ShardStage.Open:
                shard.Stage = ShardStage.Releasing;
                int release = ++shard.Release;
                Context.PipeToSelf(
                    host.ReleaseAsync(shard.Id),
                    states => new ShardReleased(shard, release, states),
                    _ => new ShardReleased(shard, release, null));
                break;
            default:
                // It has never answered anybody in this opening.
                Drain(shard, states: null);
                break;
        }
    }

    /// <summary>The view says that the shard stays.</summary>
    private void Keep(OwnedShard shard)
    {
        switch (shard.Stage)
        {
            case ShardStage.Releasing or ShardStage.Drained when shard.IsServed:
                shard.Stage = ShardStage.Open;
                shard.States = null;
                host.Resume(shard.Id);
                break;
            case ShardStage.Drained:
                // One whose fence goes beyond the view's term is contested as before: the view that keeps it here may be older than the fence that was seen.
                shard.Stage = shard.Epoch.Term == shard.Term ? ShardStage.Waiting : ShardStage.Contested;
                LookAtView();
                break;
        }
    }

    private void OnReleased(ShardReleased released)
    {
        var shard = released.Shard;
        // Cancelled meanwhile, or lost.
        if (!IsMine(shard) || shard.Stage != ShardStage.Releasing || shard.Release != released.Release) return;
        // Without states it has stopped on its own: that is told by itself.
        if (released.States is { } states) Drain(shard, states);
    }

    private void Drain(OwnedShard shard, HandedOver? states)
    {
        shard.Stage = ShardStage.Drained;
        shard.States = states;
        TellReady(shard);
    }

    private void TellReady(OwnedShard shard) => node.Tell(new ShardReady(standing, shard.Id, shard.Term, _view.Version));
}
