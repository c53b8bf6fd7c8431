namespace ActorGrid.Persistence;

/// <summary>The way of a call through the shard, from its coming to its leaving.</summary>
internal sealed partial class ShardActor
{
    /// <summary>Takes in a call that has come, or comes again: after those that wait for room already.</summary>
    private void Accept(IEntityCall call)
    {
        if (_blocked.Count > 0 || IsGatheringFull) _blocked.Enqueue(call);
        else Run(call);
    }

    private void RunBlocked()
    {
        while (_lost is null && !IsGatheringFull && _blocked.TryDequeue(out var call)) Run(call);
    }

    private void Run(IEntityCall call)
    {
        _running = call;
        if (_lost is not null)
        {
            Fail(call, Lost(call, _lost));
            return;
        }
        if (call.IsDone)
        {
            // Expired or cancelled: a command is not executed after its deadline.
            Drop(call);
            return;
        }
        if (call.Type.IsEncrypted && call.Command is IForgetEntity)
        {
            Forget(call);
            return;
        }
        if (!_slots.TryGetValue(call.Entity, out var slot))
        {
            if (EntityId.FaultOfKey(call.Entity.Key) is { } fault)
            {
                Fail(call, new ArgumentException(fault, nameof(call)));
                return;
            }
            slot = Admit(call.Entity, call.Type);
        }
        switch (slot.Phase)
        {
            case SlotPhase.Recovering or SlotPhase.Repairing:
                call.Stage = slot.WantsKey ? CallStage.AwaitingKey : CallStage.Recovering;
                slot.Waiting.Enqueue(call);
                break;
            case SlotPhase.Quarantined:
                if (IsNew(call, slot)) Refuse(call, slot);
                break;
            case SlotPhase.Forgotten:
                // Its earlier replies are forgotten, too.
                FailFromMemory(call, new EntityForgottenException(call.Entity));
                break;
            default:
                if (IsNew(call, slot)) Decide(call, slot);
                break;
        }
    }

    private void Decide(IEntityCall call, EntitySlot slot)
    {
        if (call is TimerFiring firing && !slot.HasTimer(firing.Timer))
        {
            // Cancelled, set anew, or fired before a restart: nothing is left to do.
            Drop(call);
            return;
        }
        var now = Context.Time.GetUtcNow();
        long nowMs = now.ToUnixTimeMilliseconds();
        Decided decided;
        try
        {
            decided = slot.Decide(call, new CommandContext(slot.Id, DateTimeOffset.FromUnixTimeMilliseconds(nowMs), call.Id), _gathering);
        }
        catch (Exception e)
        {
            // The handler, Apply, the reply or a codec: all user code. Nothing has changed.
            OnFailed(call, slot, new CommandFailedException(slot.Id, call.Command.GetType().Name, e));
            return;
        }
        _idle[slot.Type].Touch(slot, nowMs);
        if (decided.HasRows)
        {
            _gathering.Touch(slot);
            _gathering.Hold(call);
            call.Stage = CallStage.Committing;
            call.IsFromMemory = false;
            if (decided.Recorded is { } reply)
            {
                _replies.Add(reply, _gathering.Number);
                OnRecorded(reply);
                _node.Births.Add(reply.Command.IssuedAtUnixMs);
            }
            FlushSoon();
        }
        else
        {
            // An append that is sent after this moment proves, once committed, that nobody else owned the shard at this moment. One in
            // flight proves nothing: it
            // may have been committed before the command came, and another owner may have written since.
            call.IsFromMemory = slot.LastAppend != _gathering;
            Answer(call, slot.LastAppend);
        }
    }

    /// <summary>Another attempt of the command may be on its way, and would find another state than this one: it has to find the failure.</summary>
    private void OnFailed(IEntityCall call, EntitySlot slot, CommandFailedException failure)
    {
        if (!call.MayRunTwice)
        {
            FailFromMemory(call, failure);
            return;
        }
        Record(call, slot, slot.RecordFailure(call, failure, _gathering));
    }

    /// <summary>The call waits for the append that its reply is in.</summary>
    private void Record(IEntityCall call, EntitySlot slot, ReplyRecord reply)
    {
        _gathering.Touch(slot);
        _gathering.Hold(call);
        call.Stage = CallStage.Committing;
        call.IsFromMemory = false;
        _replies.Add(reply, _gathering.Number);
        OnRecorded(reply);
        _node.Births.Add(reply.Command.IssuedAtUnixMs);
        FlushSoon();
    }

    /// <summary>Lets the held reply go once an append is durable, or at once if there is none to wait for.</summary>
    private void Answer(IEntityCall call, PendingAppend? restsOn)
    {
        if (restsOn is null)
        {
            Release(call);
            return;
        }
        call.Stage = CallStage.Committing;
        restsOn.Hold(call);
    }

    private void Release(IEntityCall call)
    {
        if (call.IsFromMemory && !MayAnswer)
        {
            Fail(call, Lost(call, LeaseIsOver));
            return;
        }
        call.Trace?.Leave();
        call.Release();
        Finish(call);
    }

    /// <summary>What the state leads to is as old as the state: it is told only if nobody else can have a newer one.</summary>
    private void FailFromMemory(IEntityCall call, Exception reason) => Fail(call, MayAnswer ? reason : Lost(call, LeaseIsOver));

    private bool MayAnswer => _node.Gate?.MayAnswer ?? true;

    private void Drop(IEntityCall call)
    {
        call.Trace?.Leave();
        call.Drop();
        Finish(call);
    }

    private void Fail(IEntityCall call, Exception reason)
    {
        call.Trace?.Leave();
        call.Fail(reason);
        Finish(call);
    }

    /// <summary>A call leaves the shard, whatever became of it; each does once.</summary>
    private void Finish(IEntityCall call)
    {
        if (call == _running) _running = null;
        if (call.Novelty == IdNovelty.LookedUp) _lookedUp.Remove(new ReplyMemory.Key(call.Entity, call.Id));
        if (call is TimerFiring firing)
        {
            OnFiringEnded(firing);
            return;
        }
        _inShard--;
        _setting.Load.Leave();
    }

    private OwnershipLostException Lost(IEntityCall call, string why) => new(call.Entity, _shard, why);
}
