namespace ActorGrid.Persistence;

/// <summary>The end of an opening, for whatever reason.</summary>
internal sealed partial class ShardActor
{
    /// <summary>Stops serving for good: whatever is not durable is dropped, and every caller is told.</summary>
    /// <param name="why">Why.</param>
    /// <param name="end">What the watcher is told; null: it knows, since it was the host that wanted it.</param>
    /// <param name="reason">The defect, if it was one.</param>
    private void Lose(string why, ShardEnd? end, Exception? reason = null)
    {
        if (_lost is not null) return;
        _lost = why;
        if (end is null) LogClosed(_shard, why);
        else LogLost(_shard, why);
        var calls = TakeAllCalls();
        NotifyLeft();
        _node.Follower?.OnLeft(_shard, this);
        _node.Entities.Return(_slots.Count);
        _slots.Clear();
        _replies.Clear();
        DropCarried();
        EndRelease();
        try
        {
            // Before the callers: on a node that has its store to itself, whoever learns of the loss and asks for the health is told the same.
            if (end is { } ended) _node.Watcher.OnShardEnded(_shard, _fence.Epoch, ended, reason);
        }
        finally
        {
            foreach (var call in calls) Fail(call, Lost(call, why));
            CompleteStop();
        }
    }

    private List<IEntityCall> TakeAllCalls()
    {
        List<IEntityCall> calls = [.. _inFlight.Calls, .. _gathering.Calls, .. _blocked, .. TakeLookUps(), .. _forgetting, .. _kept];
        calls.AddRange(_trials.OrderBy(t => t.Key.Id.ToString(), StringComparer.Ordinal).Select(t => t.Value));
        _trials.Clear();
        _trialsWaiting.Clear();
        _removing.Clear();
        // By name: the order of a dictionary must not show.
        foreach (var slot in _slots.Values.OrderBy(s => s.Id.ToString(), StringComparer.Ordinal)) calls.AddRange(slot.Waiting);
        // The lane and the store read the rows of an append in flight for as long as it lasts: its memory is theirs until then.
        if (_isInFlight) _inFlight = new PendingAppend();
        else _inFlight.Clear();
        _gathering.Clear();
        _blocked = new Queue<IEntityCall>();
        _kept.Clear();
        _forgetting.Clear();
        return calls;
    }

    private void NotifyLeft()
    {
        var ready = _slots.Values.Where(s => s.Phase == SlotPhase.Ready).Select(s => (s.Id, s.Type));
        var left = ready.Concat(_inDoubt.Select(e => (Id: e.Key, Type: e.Value))).Where(e => e.Type.Options.OnLeft is not null);
        // By name: the order of a dictionary must not show.
        foreach (var (id, type) in left.OrderBy(e => e.Id.ToString(), StringComparer.Ordinal)) NotifyLeft(id, type);
        _inDoubt.Clear();
    }

    private void NotifyLeft(EntityId id, EntityType type)
    {
        try
        {
            type.Options.OnLeft?.Invoke(id);
        }
        catch (Exception e)
        {
            // A hook of the user; the entity is gone whatever it thinks of it.
            LogHookFailed(id, e);
        }
    }
}
