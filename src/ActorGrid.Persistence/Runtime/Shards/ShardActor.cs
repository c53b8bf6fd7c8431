using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>
/// A shard: hosts its entities as plain objects, decides their commands in turn, and is the only one in the node that knows the shard's
/// fence, offset, replies and timers.
/// </summary>
/// <remarks>
/// <para>A command is decided at once, on the tentative state of its entity; its rows go into the append that is gathered, and its reply
/// waits there. At most one append is in flight; when it has ended, what was gathered meanwhile is the next.</para>
/// <para>The invariant: a reply leaves only when every append that the state behind it rests on is durable. An entity's rows are only ever
/// in the append in flight and in the one gathered, and they commit in that order; so a reply that waits for the youngest append of its
/// entity waits for all.</para>
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
        if (_isClosed)
        {
            if (_underWay == 0) Context.StopSelf();
        }
        else if (_isStopping)
        {
            CompleteStopIfIdle();
        }
        else if (_phase == ShardPhase.Releasing)
        {
            ExportIfIdle();
        }
        return default;
    }

    private void Receive(IShardMessage message)
    {
        switch (message)
        {
            case IEntityCall call:
                if (++_inShard > _node.Options.CommandsPerShardMax) throw new InvalidOperationException($"{_shard} has {_inShard} commands in hand, more than its bound.");
                if (_phase == ShardPhase.Open || _lost is not null) Accept(call);
                else Keep(call);
                break;
            case AppendEnded ended:
                OnAppendEnded(ended.Outcome, ended.Span);
                break;
            case EntityReadEnded read:
                OnReadEnded(read);
                break;
            case EntityKeyEnded key:
                OnKeyEnded(key);
                break;
            case TrialEnded trial:
                OnTrialEnded(trial);
                break;
            case SnapshotSaved saved:
                OnSnapshotSaved(saved);
                break;
            case RemovalEnded removal:
                OnRemovalEnded(removal);
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
}
