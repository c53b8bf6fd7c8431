namespace ActorGrid.Persistence;

internal sealed partial class ShardActor
{
    private const int TimerPageMax = 256;

    /// <summary>Timers fired, and active entities recovered, at the same time: what is overdue after a restart does not crowd out what is
    /// asked.</summary>
    private const int FiringsMax = 64;

    private readonly TimerWindow _timers;

    /// <summary>After a timer failed, the index is read again from its beginning after this.</summary>
    private static readonly TimeSpan TimerRetry = TimeSpan.FromSeconds(30);

    private readonly Queue<EntityId> _activesWaiting = new();
    private readonly List<EntityId> _activesFailed = [];
    private long? _armedForUnixMs;
    private int _timerGeneration;
    private int _timerReadFailures;
    private int _firings;
    private int _activesUnderWay;
    private bool _isRecoveringActives;

    private void LoadTimers()
    {
        if (_isRaising || !_timers.WantsPage) return;
        _underWay++;
        int generation = _timerGeneration;
        var after = _timers.BeginPage();
        Context.PipeToSelf(
            StoreTask.From(() => _node.Store.Journal.ReadTimersAsync(_shard, after, TimerPageMax, CancellationToken.None)),
            page => new TimersRead(page, null, generation),
            e => new TimersRead([], e, generation));
    }

    private void ResetTimers()
    {
        _timerGeneration++;
        _timers.Reset();
    }

    private void OnTimersRead(TimersRead read)
    {
        _underWay--;
        if (_lost is not null || read.Generation != _timerGeneration) return;
        if (read.Error is not null)
        {
            _timerReadFailures++;
            LogTimersFailed(_shard, read.Error);
            _timers.FailPage();
            // Nothing fires until it is read: a store that is back soon must not cost timers half a minute.
            if (read.Error is StoreException { IsTransient: true })
                Context.Timers.StartOnce(TickKind.ReloadTimers, RetryDelay.After(_timerReadFailures), Tick.ReloadTimers);
            else ReadTimersLater();
            return;
        }
        _timerReadFailures = 0;
        _timers.EndPage(read.Page, TimerPageMax);
        foreach (var timer in read.Page)
        {
            if (timer.Name == ReminderName.Active) _activesWaiting.Enqueue(timer.Entity);
        }
        RecoverActives();
        FireTimers();
    }

    private void RecoverActives()
    {
        // One whose state was handed over is there at once, and calls this again.
        if (_isRecoveringActives) return;
        _isRecoveringActives = true;
        for (int i = 0; i < FiringsMax && IsActive && _activesUnderWay < FiringsMax && _activesWaiting.TryDequeue(out var id); i++) RecoverActive(id);
        _isRecoveringActives = false;
        if (IsActive && _activesUnderWay < FiringsMax && _activesWaiting.Count > 0) Self.Tell(Tick.RecoverActives);
    }

    private void RecoverActive(EntityId id)
    {
        if (_slots.TryGetValue(id, out var slot))
        {
            if (slot.Phase == SlotPhase.Recovering) Want(slot);
            return;
        }
        if (_node.Types.Find(id.Type) is not { } type)
        {
            LogNoType(id);
            return;
        }
        Admit(id, type, isWanted: true);
    }

    private void Want(EntitySlot slot)
    {
        if (slot.IsWanted) return;
        slot.IsWanted = true;
        _activesUnderWay++;
    }

    private void OnActiveRecovered(EntitySlot slot)
    {
        if (!slot.IsWanted) return;
        slot.IsWanted = false;
        _activesUnderWay--;
        RecoverActives();
    }

    /// <summary>It stays active whatever the store says of it now: it is tried again for ever, at a bounded rate, and holds up no
    /// other.</summary>
    private void WantLater(EntityId id)
    {
        _activesFailed.Add(id);
        if (!Context.Timers.IsRunning(TickKind.WantAgain)) Context.Timers.StartOnce(TickKind.WantAgain, TimerRetry, Tick.WantAgain);
    }

    private void WantAgain()
    {
        foreach (var id in _activesFailed) _activesWaiting.Enqueue(id);
        _activesFailed.Clear();
        RecoverActives();
    }

    private void FireTimers()
    {
        _armedForUnixMs = null;
        long now = NowMs;
        while (IsActive && _firings < FiringsMax && _timers.TakeDue(now) is { } timer)
        {
            if (Firing(timer) is not { } firing) continue;
            _firings++;
            NodeMeter.OnTimer();
            Accept(firing);
        }
        ArmTimers();
    }

    private TimerFiring? Firing(TimerRecord timer)
    {
        try
        {
            if (_node.Types.Find(timer.Entity.Type) is { } type && type.Handles(timer.Manifest))
            {
                // With the key, when the entity is there.
                if (EncryptedPayload.IsEncrypted(timer.Payload.Span)) return new TimerFiring(timer, type, command: null, TraceOf(type, timer));
                if (type.DecodeCommand(timer.Manifest, timer.Payload.Span) is { } command) return new TimerFiring(timer, type, command, TraceOf(type, timer));
            }
            LogNoHandler(timer.Entity, timer.Name, timer.Manifest);
        }
        catch (Exception e)
        {
            // A codec of the user. The timer stays set; a version that can read it will fire it.
            LogTimerFailed(timer.Entity, timer.Name, e);
        }
        return null;
    }

    private static CallTrace? TraceOf(EntityType type, TimerRecord timer) => Spans.AreWanted ? CallTrace.Fire($"{type.Name}/{timer.Manifest}", timer) : null;

    private void OnFiringEnded(TimerFiring firing)
    {
        _firings--;
        firing.Trace?.End(firing.Failure?.GetType().FullName);
        if (_lost is not null) return;
        if (firing.Failure is EntityForgottenException)
        {
            DropTimer(firing.Entity, firing.Timer.Name);
        }
        else if (firing.Failure is { } failure)
        {
            LogTimerFailed(firing.Entity, firing.Timer.Name, failure);
            ReadTimersLater();
        }
        if (_firings < FiringsMax) ArmTimers();
    }

    /// <summary>A timer that failed is still in the index: it is found there again.</summary>
    private void ReadTimersLater()
    {
        if (!Context.Timers.IsRunning(TickKind.ReloadTimers)) Context.Timers.StartOnce(TickKind.ReloadTimers, TimerRetry, Tick.ReloadTimers);
    }

    private void ArmTimers()
    {
        if (!IsActive) return;
        LoadTimers();
        if (_firings >= FiringsMax || _timers.NextDueUnixMs is not { } due)
        {
            Disarm();
            return;
        }
        if (due == _armedForUnixMs) return;
        _armedForUnixMs = due;
        long wait = Math.Clamp(due - NowMs, 0, (long)TimeSpan.FromDays(1).TotalMilliseconds);
        Context.Timers.StartOnce(TickKind.FireTimers, TimeSpan.FromMilliseconds(wait), Tick.FireTimers);
    }

    private void Disarm()
    {
        _armedForUnixMs = null;
        Context.Timers.Cancel(TickKind.FireTimers);
    }
}
