namespace ActorGrid.Persistence;

/// <summary>The keys of encrypted entities, and how one is forgotten.</summary>
internal sealed partial class ShardActor
{
    /// <summary>Calls to forget an entity, while the key store is asked.</summary>
    private readonly List<IEntityCall> _forgetting = [];

    private void AskKey(EntitySlot slot)
    {
        _underWay++;
        // Those that waited for the history to be read so far.
        foreach (var waiting in slot.Waiting) waiting.Stage = CallStage.AwaitingKey;
        bool isAsked = !slot.IsWanted || slot.Waiting.Count > 0;
        _node.Keys!.Tell(new KeyLane.Request(slot.Id, slot.Type, slot.WantsNewKey, isAsked, Self, slot, forgetting: null));
    }

    private void OnKeyEnded(EntityKeyEnded ended)
    {
        _underWay--;
        if (_lost is not null) return;
        if (ended.Request.Forgetting is { } call)
        {
            if (_forgetting.Remove(call)) EndForget(call, ended.Key, ended.Error);
            return;
        }
        if (ended.Request.Repair is { } trial)
        {
            OnKeyOfRepair(trial, ended.Key, ended.Error);
            return;
        }
        var slot = ended.Request.Slot!;
        // Forgotten meanwhile, or not here any more.
        if (_slots.GetValueOrDefault(slot.Id) != slot || slot.Phase != SlotPhase.Recovering) return;
        if (ended.Key is not { } key)
        {
            OnKeyFailed(slot, ended.Error!);
            return;
        }
        slot.FailedReads = 0;
        bool isRead = slot.WantsNewKey;
        slot.TakeKey(key);
        if (slot.Phase != SlotPhase.Recovering)
        {
            OnRecovered(slot);
            return;
        }
        if (isRead) throw new InvalidOperationException($"{slot.Id} has its key and all of its history, and is not recovered.");
        foreach (var waiting in slot.Waiting) waiting.Stage = CallStage.Recovering;
        RecoverHistory(slot);
    }

    /// <summary>Whatever a key store throws may be over in a moment; only its answers are final. So it is tried again for as long as somebody waits.</summary>
    private void OnKeyFailed(EntitySlot slot, Exception error)
    {
        slot.FailedReads++;
        if (_node.ReadFailures.TryPass()) LogKeyFailed(slot.Id, slot.FailedReads, error);
        Context.Timers.StartOnce(slot, RetryDelay.After(slot.FailedReads), new Tick(TickKind.ReadAgain, slot));
    }

    /// <summary>The key store is asked anew, and not the memory of this node: nobody else told it.</summary>
    private void Forget(IEntityCall call)
    {
        call.Stage = CallStage.AwaitingKey;
        _forgetting.Add(call);
        _underWay++;
        _node.Keys!.Tell(new KeyLane.Request(call.Entity, call.Type, creates: false, isAsked: true, Self, slot: null, call));
    }

    private void EndForget(IEntityCall call, EntityKey? key, Exception? error)
    {
        if (error is not null)
        {
            Fail(call, new CommandFailedException(call.Entity, nameof(ForgetEntity<>), error));
            return;
        }
        call.IsFromMemory = true;
        if (key != EntityKey.Forgotten)
        {
            call.HoldRejection($"the key store says '{key}' of its key, and not that it was forgotten: destroy the key there first.");
            Release(call);
            return;
        }
        call.Type.HoldEncoded(call, ReadOnlyMemory<byte>.Empty);
        if (_carried.Remove(call.Entity, out var state))
        {
            _carriedBytes -= state.Bytes;
            _node.HandoverBytes.Return(state.Bytes);
        }
        var slot = _slots.GetValueOrDefault(call.Entity);
        if (slot is not null && slot.Phase != SlotPhase.Forgotten)
        {
            var before = slot.Phase;
            slot.Forget();
            if (before == SlotPhase.Ready) NotifyLeft(slot.Id, slot.Type);
            else if (before == SlotPhase.Recovering) OnRecovered(slot);
            else if (before == SlotPhase.Repairing) RunWaiting(slot);
        }
        // What it had decided is committed or dropped first, so that nothing of its state is here when the caller is told.
        Answer(call, slot?.LastAppend);
    }

    /// <summary>A timer of an entity that was forgotten can never fire: it leaves the index. The event that set it stays, as all do.</summary>
    private void DropTimer(EntityId entity, string name)
    {
        // Else the next owner comes by it.
        if (!IsActive) return;
        _gathering.Add(new TimerChange(entity, name, Timer: null));
        FlushSoon();
    }
}
