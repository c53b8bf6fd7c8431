namespace ActorGrid.Actors;

/// <summary>The life cycle: start, failure, restart, stop.</summary>
internal abstract partial class ActorCell
{
    internal ActorCell? NextSibling;
    internal ActorCell? PreviousSibling;

    protected abstract bool HasInstance { get; }

    protected abstract SupervisionStrategy Strategy { get; }

    /// <summary>Stops the actor after the message it is handling.</summary>
    internal void BeginStop()
    {
        if (_phase is CellPhase.Stopping or CellPhase.Stopped) return;
        _phase = CellPhase.Stopping;
        LeaveChildren();
    }

    /// <summary>Suspends the actor until its parent has decided.</summary>
    internal void Fail(Exception failure)
    {
        if (_phase is CellPhase.Failed or CellPhase.Restarting or CellPhase.Stopping or CellPhase.Stopped)
        {
            System.OnHookFailed(this, "what ran beside its end", failure);
            return;
        }

        _phase = CellPhase.Failed;
        if (Parent is { } parent) parent.Send(new ChildFailedSignal(this, failure));
        else BeginStop();
    }

    internal void Resume()
    {
        if (_phase != CellPhase.Failed) return;
        if (!HasInstance)
        {
            // Its constructor failed: there is nothing to go on with.
            Reincarnate();
            return;
        }

        _phase = CellPhase.Running;
        if (_extras?.Escalated is not { } escalated) return;
        _extras.Escalated = null;
        foreach (ActorCell child in escalated) child.Send(new ResumeSignal());
    }

    internal void BeginRestart(Exception reason, bool onlyIfFailed)
    {
        if (_phase is CellPhase.Restarting or CellPhase.Stopping or CellPhase.Stopped || (onlyIfFailed && _phase != CellPhase.Failed)) return;
        _phase = CellPhase.Restarting;
        Extras.RestartReason = reason;
        LeaveChildren();
    }

    internal void OnChildrenGone()
    {
        if (_extras?.Children is { Count: > 0 }) return;
        if (_phase == CellPhase.Restarting) EndInstance("OnRestartAsync");
        else if (_phase == CellPhase.Stopping) EndInstance("OnStopAsync");
    }

    internal void AddWatcher(IWatcher watcher)
    {
        if (_phase == CellPhase.Stopped) watcher.OnTerminated();
        else (Extras.Watchers ??= []).Add(watcher);
    }

    internal void RemoveWatcher(IWatcher watcher) => _extras?.Watchers?.Remove(watcher);

    protected abstract void CreateInstance();

    protected abstract void DropInstance();

    protected abstract ValueTask InvokeStart();

    protected abstract ValueTask InvokeStop();

    protected abstract ValueTask InvokeRestart(Exception reason);

    private void BeginStart()
    {
        _phase = CellPhase.Starting;
        ForgetAsked();
        try
        {
            CreateInstance();
            ValueTask start = InvokeStart();
            if (!start.IsCompletedSuccessfully)
            {
                Await(start);
                return;
            }

            start.TakeOutcome();
        }
        catch (Exception e)
        {
            Fail(e);
            return;
        }

        _phase = CellPhase.Running;
    }

    private void LeaveChildren()
    {
        if (_extras is not { } extras)
        {
            OnChildrenGone();
            return;
        }

        extras.Timers?.CancelAll();
        extras.Escalated = null;
        if (extras.Children is { } children)
        {
            foreach (ActorCell child in children.Close()) child.Send(new StopSignal());
        }

        OnChildrenGone();
    }

    /// <summary>Runs the instance's last hook, then goes on to the next life or to the end.</summary>
    private void EndInstance(string hook)
    {
        bool restarts = _phase == CellPhase.Restarting;
        ForgetAsked();
        try
        {
            if (HasInstance)
            {
                ValueTask end = restarts ? InvokeRestart(_extras!.RestartReason!) : InvokeStop();
                if (!end.IsCompletedSuccessfully)
                {
                    Await(end);
                    return;
                }

                end.TakeOutcome();
            }
        }
        catch (Exception e)
        {
            System.OnHookFailed(this, hook, e);
        }

        if (restarts) Reincarnate();
        else Close();
    }

    private void Reincarnate()
    {
        DropInstance();
        if (_extras is { } extras)
        {
            extras.Timers?.CancelAll();
            extras.RestartReason = null;
            extras.Restarts++;
            extras.Children?.Reopen();
            UnstashAll();
        }

        BeginStart();
    }

    /// <summary>The end: what is left in the mailbox goes to the dead letters, and who watches is told.</summary>
    private void Close()
    {
        _phase = CellPhase.Stopped;
        UnstashAll();
        _extras?.Timers?.CancelAll();
        DropInstance();
        Bury(_batch);
        _batch = null;
        Bury(_extras?.Lanes?.TakeAll());
        // From here on senders find the mailbox closed.
        Bury(TakeAll(Mail.Closed));
        if (_extras is { } extras)
        {
            foreach (ActorRef other in extras.Watching?.Keys.ToArray() ?? []) Unwatch(other);
            foreach (IWatcher watcher in extras.Watchers ?? []) watcher.OnTerminated();
            extras.Watchers = null;
        }

        if (Parent is not { } parent) System.OnRootStopped();
        else if (parent.Extras.Children!.Remove(this, _extras?.Name)) parent.Send(new ChildrenGoneSignal());
    }

    private void Bury(Mail? mail)
    {
        while (mail is not null)
        {
            Mail? next = mail.Next;
            mail.Next = null;
            if (mail is not ControlMail) System.DeadLetters.Add(mail, this, DeadLetterReason.Stopped);
            mail = next;
        }
    }
}
