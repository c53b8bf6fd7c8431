namespace ActorGrid.Persistence;

/// <summary>
/// The unknown outcome. The append may have been written or may yet be; so the shard raises its own fence, after which the append is
/// visible or can never be. Only
/// then it looks: the entities that the append touched are recovered from the journal, and their calls run again, find their recorded
/// replies, or are executed.
/// </summary>
internal sealed partial class ShardActor
{
    /// <summary>After this many failures in a row, a few seconds, a shard that is to stop leaves it to its next owner to find
    /// out.</summary>
    private const int RaisesMaxWhenStopping = 10;

    /// <summary>Entities whose history may be read only after the fence is raised.</summary>
    private readonly List<EntitySlot> _readsAfterRaise = [];
    /// <summary>Entities that are to stay in memory, were in it when the outcome of an append became unknown, and are not recovered since. Whoever
    /// was told of their states has to be told if they leave, too.</summary>
    private readonly Dictionary<EntityId, EntityType> _inDoubt = [];
    private Fence _raisingTo;
    private long _offsetIfCommitted;

    private void OnUnknown(StoreException? error)
    {
        LogUnknown(_shard, error);
        _offsetIfCommitted = _offset + _inFlight.Events.Count;
        // Before anything can ask: these ids may be recorded, and are not in memory any more.
        foreach (var reply in _inFlight.Replies) _replies.RaiseMark(reply.Command.IssuedAtUnixMs);
        _replies.Drop(_inFlight.Replies);
        _replies.Drop(_gathering.Replies);
        foreach (var slot in _gathering.Touched) slot.RollBack();
        _isRaising = true;
        _raisingTo = NextFence;
        var unrepaired = EndRepairs(_gathering.Touched);
        List<IEntityCall> calls = [.. _inFlight.Calls, .. _gathering.Calls];
        foreach (var slot in _inFlight.Touched)
        {
            // Calls that wait for a repair.
            calls.AddRange(slot.Waiting);
            slot.Waiting.Clear();
            if (_trials.Remove(slot, out var trying)) calls.Add(trying);
            bool isWanted = slot.MayBeActive;
            Remove(slot);
            if (!isWanted) continue;
            _inDoubt[slot.Id] = slot.Type;
            Admit(slot.Id, slot.Type, isWanted: true);
        }
        foreach (var call in calls) call.Novelty = call is TimerFiring ? IdNovelty.JustIssued : IdNovelty.Unknown;
        ClearAppends();
        ResetTimers();
        Redo(calls);
        RunWaitingForRepairs(unrepaired);
        Raise();
    }

    private void Raise()
    {
        _underWay++;
        Context.PipeToSelf(
            StoreTask.From(() => _node.Store.Journal.RaiseFencesAsync([new FenceRaise(_shard, _raisingTo)], CancellationToken.None)),
            outcomes => outcomes.Count == 1 && outcomes[0].Shard == _shard
                ? new FenceRaised(outcomes[0], null)
                : new FenceRaised(null, new StoreException($"The store gave {outcomes.Count} outcomes for the fence of {_shard}.", isTransient: true)),
            static e => new FenceRaised(null, e));
    }

    private void OnFenceRaised(FenceRaised raised)
    {
        _underWay--;
        if (_lost is not null || !_isRaising) return;
        if (raised.Outcome is not { } outcome)
        {
            _failures++;
            LogRaiseFailed(_shard, _failures, raised.Error!);
            if (_isStopping && _failures >= RaisesMaxWhenStopping)
            {
                Lose("its node has stopped, and the store cannot say what became of the last append", end: null);
                return;
            }
            Context.Timers.StartOnce(TickKind.RaiseAgain, RetryDelay.After(_failures), Tick.RaiseAgain);
            return;
        }
        if (!outcome.Raised)
        {
            Lose($"another owner has it now ({outcome.Current})", ShardEnd.Fenced);
            return;
        }
        if (outcome.LastOffset != _offset && outcome.LastOffset != _offsetIfCommitted)
        {
            throw new InvalidOperationException($"The shard is at offset {outcome.LastOffset}; its only writer left it at {_offset} or {_offsetIfCommitted}.");
        }
        _failures = 0;
        _isRaising = false;
        _fence = _raisingTo;
        _isRemovalInDoubt = false;
        if (outcome.LastOffset > _offset) _node.Follower?.OnCommitted(_shard, this, outcome.LastOffset);
        _offset = outcome.LastOffset;
        _replies.RaiseMark(outcome.YoungestReplyIssuedAtUnixMs);
        _node.Horizon.Raise(outcome.RepliesForgottenBeforeUnixMs);
        foreach (var slot in _readsAfterRaise)
        {
            if (slot.Phase == SlotPhase.Recovering) Read(slot);
        }
        _readsAfterRaise.Clear();
        LoadTimers();
        StartTrials();
        FlushSoon();
    }
}
