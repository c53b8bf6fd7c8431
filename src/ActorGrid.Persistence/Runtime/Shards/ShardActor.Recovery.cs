namespace ActorGrid.Persistence;

internal sealed partial class ShardActor
{
    /// <summary>Brings an entity into memory; its calls wait until it is recovered.</summary>
    private EntitySlot Admit(EntityId id, EntityType type, bool isWanted = false)
    {
        var slot = type.NewSlot(id);
        _slots.Add(id, slot);
        if (isWanted) Want(slot);
        _node.Entities.Take(1);
        // An entity beyond the bound goes for each one that comes, as long as this shard has idle ones.
        if (_node.Entities.IsExceeded) EvictIdle();
        if (slot.WantsKey) AskKey(slot);
        else RecoverHistory(slot);
        return slot;
    }

    private void RecoverHistory(EntitySlot slot)
    {
        if (TryRecoverCarried(slot)) GoOn(slot);
        else if (_isRaising) _readsAfterRaise.Add(slot);
        else Read(slot);
    }

    /// <summary>Some of its history is taken in, if not all.</summary>
    private void GoOn(EntitySlot slot)
    {
        if (slot.Phase != SlotPhase.Recovering) OnRecovered(slot);
        else if (slot.WantsKey) AskKey(slot);
        else Read(slot);
    }

    private void Read(EntitySlot slot)
    {
        _underWay++;
        _node.Reads.Tell(new ReadLane.Request(slot, Self, IsAsked: !slot.IsWanted || slot.Waiting.Count > 0));
    }

    private void Remove(EntitySlot slot)
    {
        _slots.Remove(slot.Id);
        _idle[slot.Type].Remove(slot);
        _node.Entities.Return(1);
    }

    private void OnReadEnded(EntityReadEnded read)
    {
        _underWay--;
        var slot = read.Slot;
        if (_slots.GetValueOrDefault(slot.Id) != slot || slot.Phase != SlotPhase.Recovering) return;
        if (read.Page is null)
        {
            OnReadFailed(slot, read.Error!);
            return;
        }
        slot.FailedReads = 0;
        slot.Recover(read.Page);
        GoOn(slot);
    }

    private void OnRecovered(EntitySlot slot)
    {
        _idle[slot.Type].Touch(slot, NowMs);
        if (slot.Phase == SlotPhase.Quarantined)
        {
            NodeMeter.OnQuarantined(slot.Type.Name);
            LogQuarantined(slot.Quarantine!);
        }
        else if (slot.Phase == SlotPhase.Forgotten)
        {
            // Who was told of its state before that was in doubt is told that it is gone.
            if (_inDoubt.Remove(slot.Id)) NotifyLeft(slot.Id, slot.Type);
            if (slot.IsWanted && !slot.IsPinned) DropTimer(slot.Id, ReminderName.Active);
        }
        else
        {
            _inDoubt.Remove(slot.Id);
            NotifyDurable(slot);
            // It was read just now, so it can be.
            if (slot.RecoveredFrom > 0) RemoveEvents(new SnapshotSaved(slot, slot.RecoveredFrom));
        }
        RunWaiting(slot);
        OnActiveRecovered(slot);
    }

    private void RunWaiting(EntitySlot slot)
    {
        // One of them may be a repair, for which those after it wait again.
        for (int i = slot.Waiting.Count; i > 0; i--)
        {
            var call = slot.Waiting.Dequeue();
            call.Stage = CallStage.Queued;
            Accept(call);
        }
    }

    private void OnReadFailed(EntitySlot slot, Exception error)
    {
        slot.FailedReads++;
        if (error is StoreException { IsTransient: true })
        {
            if (_node.ReadFailures.TryPass()) LogReadFailed(slot.Id, slot.FailedReads, error);
            Context.Timers.StartOnce(slot, RetryDelay.After(slot.FailedReads), new Tick(TickKind.ReadAgain, slot));
            return;
        }
        LogReadFailed(slot.Id, slot.FailedReads, error);
        Remove(slot);
        while (slot.Waiting.TryDequeue(out var call))
        {
            // It says that nothing was written, so it is for those alone of which that is known.
            if (IsNew(call, slot)) FailFromMemory(call, error);
        }
        if (!slot.IsWanted) return;
        WantLater(slot.Id);
        OnActiveRecovered(slot);
    }

    private void ReadAgain(EntitySlot slot)
    {
        if (_slots.GetValueOrDefault(slot.Id) != slot || slot.Phase != SlotPhase.Recovering) return;
        for (int i = slot.Waiting.Count; i > 0; i--)
        {
            var call = slot.Waiting.Dequeue();
            if (call.IsDone) Drop(call);
            else if (!IsActive && call is TimerFiring) Fail(call, StoppedBeforeIt);
            else slot.Waiting.Enqueue(call);
        }
        if (slot.Waiting.Count == 0 && !slot.IsWanted) Remove(slot);
        else if (slot.WantsKey) AskKey(slot);
        else if (_isRaising) _readsAfterRaise.Add(slot);
        else Read(slot);
    }
}
