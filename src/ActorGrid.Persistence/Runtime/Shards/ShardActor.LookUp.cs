namespace ActorGrid.Persistence;

/// <summary>Ids that come again.</summary>
internal sealed partial class ShardActor
{
    private const int LookUpsMax = 8;

    /// <summary>Calls by the id that is being looked up, with those of the same id behind the first.</summary>
    private readonly Dictionary<ReplyMemory.Key, List<IEntityCall>> _lookUps = new(ReplyMemory.KeyComparer.Instance);
    private readonly Queue<IEntityCall> _lookUpsWaiting = new();
    /// <summary>Ids that the store did not have, of calls that are not decided yet. One that another call has recorded since is here no more: its reply may have
    /// left memory already.</summary>
    private readonly HashSet<ReplyMemory.Key> _lookedUp = new(ReplyMemory.KeyComparer.Instance);

    /// <summary>Ids that were recorded while they were looked up.</summary>
    private readonly HashSet<ReplyMemory.Key> _outdated = new(ReplyMemory.KeyComparer.Instance);
    private int _lookUpsUnderWay;
    private int _lookUpFailures;
    private bool _isLookUpBackingOff;

    /// <summary>Whether a call is to be executed now. If not, it has been answered, or waits for a look at the store.</summary>
    /// <remarks>Other commands of its entity do not wait for that look, so this one may be overtaken; it was sent a second time
    /// anyway.</remarks>
    private bool IsNew(IEntityCall call, EntitySlot slot)
    {
        if (call.Novelty == IdNovelty.JustIssued) return true;
        long now = NowMs;
        bool isLookedUp = call.Novelty == IdNovelty.LookedUp && _lookedUp.Contains(new ReplyMemory.Key(call.Entity, call.Id));
        switch (_replies.Judge(call.Entity, call.Id, isLookedUp, now, RefusedBefore(now), out var known))
        {
            case IdVerdict.New:
                return true;
            case IdVerdict.Known:
                AnswerAgain(call, slot, known);
                return false;
            case IdVerdict.LookUp:
                LookUp(call);
                return false;
            case IdVerdict.TooOld:
                FailFromMemory(call, new OutcomeUnknownException(call.Entity, call.Id));
                return false;
            default:
                FailFromMemory(call, new InvalidCommandIdException(
                    call.Entity,
                    $"The id {call.Id} was issued {call.Id.IssuedAtUnixMs - now} ms in the future, more than {ReplyMemory.AheadMax}: "
                    + "set the clock of whoever issued it."));
                return false;
        }
    }

    private long RefusedBefore(long nowMs) => Math.Max(nowMs - (long)_node.Options.ReplyRetention.TotalMilliseconds, _node.Horizon.UnixMs);

    private void AnswerAgain(IEntityCall call, EntitySlot slot, ReplyMemory.Known known)
    {
        try
        {
            slot.HoldRecorded(call, known.Reply);
        }
        catch (Exception e)
        {
            Fail(call, e is EntityException ? e : new CommandFailedException(call.Entity, call.Command.GetType().Name, e));
            return;
        }
        // A recorded reply is a fact, whoever owns the shard now.
        call.IsFromMemory = false;
        // One that is still being committed is joined.
        Answer(call, known.Append <= _replies.DurableThrough ? null : known.Append == _gathering.Number ? _gathering : _inFlight);
    }

    /// <summary>A reply is recorded: whoever else has its id is to find that.</summary>
    private void OnRecorded(ReplyRecord reply)
    {
        var key = new ReplyMemory.Key(reply.Entity, reply.Command);
        _lookedUp.Remove(key);
        if (_lookUps.ContainsKey(key)) _outdated.Add(key);
    }

    private void LookUp(IEntityCall call)
    {
        call.Stage = CallStage.LookingUp;
        var key = new ReplyMemory.Key(call.Entity, call.Id);
        if (_lookUps.TryGetValue(key, out var calls))
        {
            calls.Add(call);
            return;
        }
        _lookUps.Add(key, [call]);
        _lookUpsWaiting.Enqueue(call);
        StartLookUps();
    }

    private void StartLookUps()
    {
        while (!_isLookUpBackingOff && _lookUpsUnderWay < LookUpsMax && _lookUpsWaiting.TryDequeue(out var call))
        {
            if (!IsAwaited(call)) continue;
            _lookUpsUnderWay++;
            _underWay++;
            Context.PipeToSelf(
                StoreTask.From(() => _node.Store.Journal.FindReplyAsync(call.Entity, call.Id, CancellationToken.None)),
                found => new LookUpEnded(call, found, null),
                e => new LookUpEnded(call, default, e));
        }
    }

    private void OnLookUpEnded(LookUpEnded ended)
    {
        _lookUpsUnderWay--;
        _underWay--;
        if (ended.Error is StoreException { IsTransient: true } error && _lost is null)
        {
            // The id may belong to an append whose outcome was lost. A store error would say that nothing was written: so it is looked up
            // until the store knows, or nobody waits any more.
            _lookUpFailures++;
            if (_node.ReadFailures.TryPass()) LogLookUpFailed(ended.First.Entity, _lookUpFailures, error);
            _lookUpsWaiting.Enqueue(ended.First);
            _isLookUpBackingOff = true;
            Context.Timers.StartOnce(TickKind.LookUpAgain, RetryDelay.After(_lookUpFailures), Tick.LookUpAgain);
            return;
        }
        _lookUpFailures = 0;
        var key = new ReplyMemory.Key(ended.First.Entity, ended.First.Id);
        if (_lost is not null || !_lookUps.Remove(key, out var calls)) return;
        // Whichever node has made the store forget: an id from before that is refused from now on, and was not found for all that.
        _node.Horizon.Raise(ended.Found.RepliesForgottenBeforeUnixMs);
        // Not recorded, so it is new; but for the first of its calls only. The others come after it, and find its reply in memory, or look
        // it
        // up in their turn: by then it may have been evicted, or the first may have ended without one.
        if (!_outdated.Remove(key) && ended.Error is null && ended.Found.Reply is null)
        {
            calls[0].Novelty = IdNovelty.LookedUp;
            _lookedUp.Add(key);
        }
        foreach (var call in calls)
        {
            call.Stage = CallStage.Queued;
            // It may be recorded; a store error would say that nothing was written.
            if (ended.Error is { } fault) Fail(call, new OutcomeUnknownException(call.Entity, call.Id, fault));
            else if (ended.Found.Reply is { } reply) AnswerFromStore(call, reply);
            else Accept(call);
        }
        StartLookUps();
    }

    /// <summary>Lets go of the calls of an id whose deadlines have passed.</summary>
    /// <returns>Whether any are left.</returns>
    private bool IsAwaited(IEntityCall first)
    {
        var key = new ReplyMemory.Key(first.Entity, first.Id);
        if (!_lookUps.TryGetValue(key, out var calls)) return false;
        calls.RemoveAll(call =>
        {
            if (!call.IsDone) return false;
            Drop(call);
            return true;
        });
        if (calls.Count > 0) return true;
        _lookUps.Remove(key);
        _outdated.Remove(key);
        return false;
    }

    private void AnswerFromStore(IEntityCall call, ReplyRecord reply)
    {
        // Durable, so it needs neither the entity nor a commit; the slot only knows how to read it.
        var slot = _slots.GetValueOrDefault(call.Entity);
        if (call.Type.IsEncrypted && slot is null or { Phase: SlotPhase.Recovering or SlotPhase.Forgotten })
        {
            // It left memory meanwhile, and its key with it.
            Accept(call);
            return;
        }
        slot ??= call.Type.NewSlot(call.Entity);
        AnswerAgain(call, slot, new ReplyMemory.Known(reply, Append: 0));
    }

    private IEnumerable<IEntityCall> TakeLookUps()
    {
        List<IEntityCall> calls = [.. _lookUps.OrderBy(l => l.Key.Id).SelectMany(l => l.Value)];
        _lookUps.Clear();
        _lookedUp.Clear();
        _outdated.Clear();
        _lookUpsWaiting.Clear();
        return calls;
    }
}
