namespace ActorGrid.Persistence;

internal sealed partial class ShardActor
{
    private readonly List<TaskCompletionSource> _stops = [];

    /// <summary>A timer stays set until it has fired: one that meets a failure while the shard stops fires after the next start.</summary>
    private static StoreException StoppedBeforeIt => new("The shard stopped before the timer could fire.", isTransient: true);

    /// <summary>No timer fires any more; what is in hand is finished. New asks are refused by the host before this.</summary>
    private void OnStop(StopWhenIdle stop)
    {
        _isStopping = true;
        _stops.Add(stop.Done);
        if (_lost is not null) CompleteStop();
        else if (_phase != ShardPhase.Open) FailKept("its node is stopping");
    }

    private void CompleteStopIfIdle()
    {
        if (!_isStopping || _isInFlight || _isRaising || _gathering.Rows > 0 || _setting.Load.InHand > 0 || _firings > 0) return;
        // A call that was on its way when the host closed finds a closed door, and not a promise that nobody keeps.
        if (_lost is null)
        {
            _lost = "its node has stopped";
            NotifyLeft();
            _node.Follower?.OnLeft(_shard, this);
            EndRelease();
        }
        CompleteStop();
    }

    private void CompleteStop()
    {
        foreach (var stop in _stops) stop.TrySetResult();
        _stops.Clear();
    }
}
