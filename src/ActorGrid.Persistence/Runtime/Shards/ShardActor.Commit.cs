using System.Diagnostics;

namespace ActorGrid.Persistence;

internal sealed partial class ShardActor
{
    private PendingAppend _gathering = new() { Number = 1 };
    private PendingAppend _inFlight = new();
    private Fence _fence;

    /// <summary>The last offset that is durable.</summary>
    private long _offset;

    private bool _isInFlight;
    private bool _isBackingOff;
    private bool _isRaising;
    private bool _flushIsSent;
    private int _failures;

    private bool IsGatheringFull => _gathering.Rows >= _node.Options.AppendRowsMax || _gathering.Bytes >= _node.Options.AppendBytesMax;

    /// <summary>By way of the own mailbox: what waits in it already gets into the same append.</summary>
    private void FlushSoon()
    {
        if (_flushIsSent || _isInFlight || _isBackingOff || _isRaising) return;
        _flushIsSent = true;
        Self.Tell(Tick.Flush);
    }

    private void Flush()
    {
        if (_isInFlight || _isBackingOff || _isRaising || _gathering.Rows == 0) return;
        // A repair waits for the fence, which is raised between two appends.
        if (_trialsWaiting.Count > 0) return;
        (_inFlight, _gathering) = (_gathering, _inFlight);
        _gathering.Number = _inFlight.Number + 1;
        _isInFlight = true;
        _underWay++;
        foreach (var slot in _inFlight.Touched) slot.Seal();
        _setting.Commits.Tell(new CommitLane.Bring(
            _inFlight.ToAppend(_shard, _fence, _offset), _inFlight.Rows, _inFlight.Bytes, Self, Spans.AreWanted ? _inFlight.FirstSpan : default));
    }

    private void OnAppendEnded(AppendOutcome outcome, ActivityContext span)
    {
        _underWay--;
        if (_lost is not null) return;
        if (!_isInFlight) throw new InvalidOperationException("An append ended that is not in flight.");
        _isInFlight = false;
        switch (outcome.Status)
        {
            case AppendStatus.Committed:
                OnCommitted(span);
                break;
            case AppendStatus.Fenced:
                Lose($"another owner has it now ({outcome.Current})", ShardEnd.Fenced);
                break;
            case AppendStatus.Refused:
                OnRefused(outcome.Error ?? new StoreException("The store refused the append without a reason.", isTransient: true));
                break;
            default:
                OnUnknown(outcome.Error);
                break;
        }
        StartTrials();
    }

    private void Save(EntitySlot slot, SnapshotWork snapshot) =>
        _node.Snapshots.Tell(new SnapshotLane.Save(_shard, _fence, slot, snapshot, slot.Type.Options.RemoveEventsAfter is null ? null : Self));

    private void OnCommitted(ActivityContext span)
    {
        var done = _inFlight;
        _failures = 0;
        _offset += done.Events.Count;
        _replies.DurableThrough = done.Number;
        foreach (var slot in done.Touched)
        {
            if (slot.LastAppend == done) slot.LastAppend = null;
            if (slot.Commit(_fence.Epoch) is { } snapshot) Save(slot, snapshot);
        }
        foreach (var timer in done.Timers) _timers.Apply(timer);
        foreach (var call in done.Calls)
        {
            call.Trace?.OnCommitted(span);
            Release(call);
        }
        foreach (var slot in done.Touched)
        {
            if (slot.Phase == SlotPhase.Repairing && slot.LastAppend is null && !_trials.ContainsKey(slot)) RecoverAnew(slot);
            else NotifyDurable(slot);
        }
        if (done.Events.Count > 0) _node.Follower?.OnCommitted(_shard, this, _offset);
        bool hasTimers = done.Timers.Count > 0;
        done.Clear();
        if (hasTimers) ArmTimers();
        RunBlocked();
        Flush();
    }

    private void NotifyDurable(EntitySlot slot)
    {
        try
        {
            slot.NotifyDurable();
        }
        catch (Exception e)
        {
            // A hook of the user; the state is durable whatever it thinks of it.
            LogHookFailed(slot.Id, e);
        }
    }

    /// <summary>Nothing was and will be written: back to the durable states, and everything that was decided since is decided
    /// anew.</summary>
    private void OnRefused(StoreException error)
    {
        _failures++;
        if (_node.Refusals.TryPass()) LogRefused(_shard, _failures, error.Message);
        foreach (var slot in _inFlight.Touched) slot.RollBack();
        foreach (var slot in _gathering.Touched) slot.RollBack();
        _replies.Drop(_inFlight.Replies);
        _replies.Drop(_gathering.Replies);
        List<IEntityCall> refused = [.. _inFlight.Calls], gathered = [.. _gathering.Calls];
        var unrepaired = EndRepairs([.. _inFlight.Touched, .. _gathering.Touched]);
        ClearAppends();
        if (error.IsTransient)
        {
            // They are decided now, so that their order stays, but what they decide waits; those whose deadline passes meanwhile are left
            // out next time.
            _isBackingOff = true;
            Context.Timers.StartOnce(TickKind.FlushAgain, RetryDelay.After(_failures), Tick.FlushAgain);
            List<IEntityCall> calls = [.. refused, .. gathered];
            if (!IsActive)
            {
                foreach (var firing in calls.OfType<TimerFiring>()) Fail(firing, StoppedBeforeIt);
                calls.RemoveAll(static c => c is TimerFiring);
            }
            Redo(calls);
        }
        else
        {
            foreach (var call in refused) Fail(call, error);
            Redo(gathered);
        }
        RunWaitingForRepairs(unrepaired);
    }

    /// <summary>Runs calls again, before all that wait for room.</summary>
    private void Redo(IReadOnlyList<IEntityCall> calls)
    {
        _blocked = new Queue<IEntityCall>([.. calls, .. _blocked]);
        RunBlocked();
    }

    private void ClearAppends()
    {
        _inFlight.Clear();
        _gathering.Clear();
        // Numbers only grow, so that a reply of an append that was dropped is never taken for durable.
        _gathering.Number = Math.Max(_gathering.Number, _inFlight.Number) + 1;
    }
}
