using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>
/// A shard: hosts its entities as plain objects, decides their commands in turn, and is the only one in the node that knows the shard's
/// fence, offset, replies and timers.
/// </summary>
/// <remarks>
/// <para>A command is decided at once, on the tentative state of its entity; its rows go into the append that is gathered, and its reply
/// waits there. At most one
/// append is in flight; when it has ended, what was gathered meanwhile is the next.</para>
/// <para>The invariant: a reply leaves only when every append that the state behind it rests on is durable. An entity's rows are only ever
/// in the append in
/// flight and in the one gathered, and they commit in that order; so a reply that waits for the youngest append of its entity waits for
/// all.</para>
/// </remarks>
internal sealed partial class ShardActor : Actor<IShardMessage>
{
    private readonly NodeSetting _node;
    private readonly ShardSetting _setting;
    private readonly ShardId _shard;
    private readonly Dictionary<EntityId, EntitySlot> _slots = [];
    private readonly Dictionary<EntityType, IdleOrder> _idle = [];
    private readonly ReplyMemory _replies;

    /// <summary>Calls that wait for room in the append that is gathered, in order.</summary>
    private Queue<IEntityCall> _blocked = new();

    /// <summary>Why the shard serves no more; null while it does.</summary>
    private string? _lost;

    private ShardPhase _phase = ShardPhase.Expected;

    /// <summary>Calls that have come and not left.</summary>
    private int _inShard;

    /// <summary>The call that was run last, until it leaves: a defect must not strand it between two queues.</summary>
    private IEntityCall? _running;

    /// <summary>What was asked of the store and the lanes, and has not ended.</summary>
    private int _underWay;

    private bool _isStopping;

    /// <summary>Whether timers fire and entities are recovered without being asked for.</summary>
    private bool IsActive => _phase == ShardPhase.Open && !_isStopping && _lost is null;

    public ShardActor(ShardSetting setting)
    {
        _setting = setting;
        _node = setting.Node;
        _shard = setting.Shard;
        _replies = new ReplyMemory(_node.Replies, markUnixMs: 0);
        _timers = new TimerWindow(_node.Options.TimersInMemoryPerShardMax);
        foreach (var type in _node.Types.All) _idle.Add(type, new IdleOrder());
    }

    private long NowMs => Context.Time.GetUtcNow().ToUnixTimeMilliseconds();

    protected override ValueTask OnStartAsync()
    {
        _logger = Context.Logger;
        return default;
    }

    protected override ValueTask OnMessageAsync(IShardMessage message)
    {
        try
        {
            Receive(message);
        }
        catch (Exception e)
        {
            // A defect of ours. What is in memory may be wrong, what is in the journal is not: the shard stops rather than go on from the
            // former.
            LogDefect(_shard, e);
            Lose($"it stopped on a defect: {e.Message}", ShardEnd.Defect, e);
            if (_running is { } call) Fail(call, Lost(call, _lost!));
        }
        if (_isStopping) CompleteStopIfIdle();
        else if (_phase == ShardPhase.Releasing) ExportIfIdle();
        else if (_isClosed && _underWay == 0) Context.StopSelf();
        return default;
    }

    private void Receive(IShardMessage message)
    {
        switch (message)
        {
            case IEntityCall call:
                _inShard++;
                if (_phase == ShardPhase.Open || _lost is not null) Accept(call);
                else Keep(call);
                break;
            case AppendEnded ended:
                OnAppendEnded(ended.Outcome);
                break;
            case EntityReadEnded read:
                OnReadEnded(read);
                break;
            case LookUpEnded found:
                OnLookUpEnded(found);
                break;
            case TimersRead page:
                OnTimersRead(page);
                break;
            case FenceRaised raised:
                OnFenceRaised(raised);
                break;
            case Tick tick:
                OnTick(tick);
                break;
            case StopWhenIdle stop:
                OnStop(stop);
                break;
            case OpenShard open:
                OnOpen(open);
                break;
            case ReleaseShard release:
                OnRelease(release);
                break;
            case ResumeShard:
                OnResume();
                break;
            case CloseShard close:
                OnClose(close);
                break;
            case StopNow:
                Lose("its node has stopped", end: null);
                break;
            default:
                throw new InvalidOperationException($"A shard does not understand {message.GetType().Name}.");
        }
    }

    private void OnTick(Tick tick)
    {
        if (_lost is not null) return;
        switch (tick.Kind)
        {
            case TickKind.Flush:
                _flushIsSent = false;
                Flush();
                break;
            case TickKind.FlushAgain:
                _isBackingOff = false;
                Flush();
                break;
            case TickKind.RaiseAgain:
                Raise();
                break;
            case TickKind.ReadAgain:
                ReadAgain(tick.Slot!);
                break;
            case TickKind.LookUpAgain:
                _isLookUpBackingOff = false;
                StartLookUps();
                break;
            case TickKind.ReloadTimers:
                ResetTimers();
                LoadTimers();
                break;
            case TickKind.FireTimers:
                FireTimers();
                break;
            case TickKind.WantAgain:
                WantAgain();
                break;
            case TickKind.Sweep:
                Sweep();
                break;
            case TickKind.DropLate:
                DropLate();
                break;
            case TickKind.RecoverActives:
                RecoverActives();
                break;
            case TickKind.Export:
                ExportMore();
                break;
        }
    }

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
            case SlotPhase.Recovering:
                call.Stage = CallStage.Recovering;
                slot.Waiting.Enqueue(call);
                break;
            case SlotPhase.Quarantined:
                FailFromMemory(call, slot.Quarantine!);
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
            FailFromMemory(call, new CommandFailedException(slot.Id, call.Command.GetType().Name, e));
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
                _node.Births.Add(reply.Command.IssuedAtUnixMs);
            }
            FlushSoon();
        }
        else
        {
            // An append that is sent after this moment proves, once committed, that nobody else owned the shard at this moment. One in flight proves nothing: it
            // may have been committed before the command came, and another owner may have written since.
            call.IsFromMemory = slot.LastAppend != _gathering;
            Answer(call, slot.LastAppend);
        }
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
        call.Release();
        Finish(call);
    }

    /// <summary>What the state leads to is as old as the state: it is told only if nobody else can have a newer one.</summary>
    private void FailFromMemory(IEntityCall call, Exception reason) => Fail(call, MayAnswer ? reason : Lost(call, LeaseIsOver));

    private bool MayAnswer => _node.Gate?.MayAnswer ?? true;

    private void Drop(IEntityCall call)
    {
        call.Drop();
        Finish(call);
    }

    private void Fail(IEntityCall call, Exception reason)
    {
        call.Fail(reason);
        Finish(call);
    }

    /// <summary>A call leaves the shard, whatever became of it; each does once.</summary>
    private void Finish(IEntityCall call)
    {
        if (call == _running) _running = null;
        if (call is TimerFiring firing)
        {
            OnFiringEnded(firing);
            return;
        }
        _inShard--;
        _setting.Load.Leave();
    }

    private OwnershipLostException Lost(IEntityCall call, string why) => new(call.Entity, _shard, why);

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
        _node.Entities.Return(_slots.Count);
        _slots.Clear();
        _replies.Clear();
        DropCarried();
        EndRelease();
        foreach (var call in calls) Fail(call, Lost(call, why));
        CompleteStop();
        if (end is { } ended) _node.Watcher.OnShardEnded(_shard, _fence.Epoch, ended, reason);
    }

    private List<IEntityCall> TakeAllCalls()
    {
        List<IEntityCall> calls = [.. _inFlight.Calls, .. _gathering.Calls, .. _blocked, .. TakeLookUps(), .. _kept];
        // By name: the order of a dictionary must not show.
        foreach (var slot in _slots.Values.OrderBy(s => s.Id.ToString(), StringComparer.Ordinal)) calls.AddRange(slot.Waiting);
        // The lane and the store read the rows of an append in flight for as long as it lasts: its memory is theirs until then.
        if (_isInFlight) _inFlight = new PendingAppend();
        else _inFlight.Clear();
        _gathering.Clear();
        _blocked = new Queue<IEntityCall>();
        _kept.Clear();
        return calls;
    }
}

/// <summary>How far a shard is. Once it is lost, the phase says nothing any more.</summary>
internal enum ShardPhase
{
    /// <summary>Its fence is not raised yet; calls wait.</summary>
    Expected,

    /// <summary>It serves.</summary>
    Open,

    /// <summary>It moves: calls in hand end, new ones wait, then the states are encoded.</summary>
    Releasing,

    /// <summary>Its states were given away; calls wait.</summary>
    Released,
}
