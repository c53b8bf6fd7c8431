namespace ActorGrid.Persistence;

/// <summary>
/// Events below snapshots, which are removed in the background. Only below a snapshot that a slot which is here has made of its state, or has recovered from: never below one that a repair ignores. So a repair waits for
/// the fence that shuts out what is being removed of its entity, and while it is tried or written nothing is asked for.
/// </summary>
internal sealed partial class ShardActor
{
    /// <summary>Entities that the lane has in hand.</summary>
    private readonly Dictionary<EntityId, Removing> _removing = [];

    /// <summary>Whether a removal under the present fence may land yet, though the lane has ended it.</summary>
    private bool _isRemovalInDoubt;

    private void OnSnapshotSaved(SnapshotSaved saved)
    {
        // Whatever has come in the place of that slot may know better than to rely on its snapshot.
        if (_lost is null && _slots.GetValueOrDefault(saved.Slot.Id) == saved.Slot) RemoveEvents(saved);
    }

    private void RemoveEvents(SnapshotSaved below)
    {
        var slot = below.Slot;
        if (slot.Type.Options.RemoveEventsAfter is not { } after || slot.Phase != SlotPhase.Ready || !IsActive || _isRaising) return;
        if (_removing.TryGetValue(slot.Id, out var removing))
        {
            _removing[slot.Id] = removing with { Next = below };
            return;
        }
        _removing.Add(slot.Id, new Removing(_fence, null));
        _node.Retention!.Tell(new RetentionLane.Remove(_shard, _fence, slot.Id, below.Sequence, after, Self));
    }

    private void OnRemovalEnded(RemovalEnded ended)
    {
        if (_lost is not null) return;
        if (!_removing.Remove(ended.Entity, out var removing)) throw new InvalidOperationException($"The removal of events of {ended.Entity} ended, and none was asked for.");
        // Under an earlier fence it can do nothing any more.
        if (ended.IsInDoubt && ended.Fence == _fence) _isRemovalInDoubt = true;
        if (removing.Next is { } next) OnSnapshotSaved(next);
        StartTrials();
    }

    /// <summary>Whether events of an entity may yet go. Under an earlier fence none do.</summary>
    private bool MayBeRemoved(EntityId entity) => _isRemovalInDoubt || (_removing.TryGetValue(entity, out var removing) && removing.Fence == _fence);

    /// <summary>Shuts out what may land late, before a repair is tried on what is there.</summary>
    private void RaiseForRepair()
    {
        if (_isInFlight || _isRaising) throw new InvalidOperationException($"The fence of {_shard} is to be raised for a repair while an append is in flight, or it is raised already.");
        _isRaising = true;
        _offsetIfCommitted = _offset;
        _raisingTo = NextFence;
        Raise();
    }

    /// <summary>What the lane was asked for.</summary>
    /// <param name="Fence">Under which fence.</param>
    /// <param name="Next">The snapshot that was saved since.</param>
    private readonly record struct Removing(Fence Fence, SnapshotSaved? Next);

    private Fence NextFence => _fence with { Epoch = _fence.Epoch with { Generation = _fence.Epoch.Generation + 1 } };
}
