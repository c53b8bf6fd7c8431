namespace ActorGrid.Actors;

/// <summary>Signals, continuations, and the operation that an actor may wait for.</summary>
internal abstract partial class ActorCell
{
    /// <summary>Whether an asynchronous handler or hook has not ended yet.</summary>
    private bool HasPending => _extras?.Pending is { IsActive: true };

    /// <summary>Called by the pending operation on the actor's turn.</summary>
    internal void OnPendingEnded(Exception? failure)
    {
        CellExtras extras = Extras;
        switch (_phase)
        {
            case CellPhase.Handling:
                _phase = CellPhase.Running;
                EndMail(failure);
                if (failure is not null) Fail(failure);
                break;
            case CellPhase.Starting:
                _phase = CellPhase.Running;
                if (failure is not null) Fail(failure);
                break;
            case CellPhase.Restarting:
                if (failure is not null) System.OnHookFailed(this, "OnRestartAsync", failure);
                Reincarnate();
                break;
            case CellPhase.Stopping:
                if (failure is not null) System.OnHookFailed(this, "OnStopAsync", failure);
                Close();
                break;
            default:
                Environment.FailFast($"Actor {Path} ended an operation in phase {_phase}.");
                break;
        }

        while (!HasPending && extras.Deferred is { Count: > 0 } deferred) deferred.Dequeue().Handle(this);
    }

    /// <summary>Fails the actor for something that ran on its turn beside the handler: when that has ended, as every signal.</summary>
    internal void FailBeside(Exception failure) => Send(new FailSignal(failure));

    /// <summary>Waits for a handler or hook; <see cref="_phase"/> says for which.</summary>
    private protected void Await(ValueTask operation) => (Extras.Pending ??= new PendingOperation(this)).Begin(operation);

    /// <summary>Takes the mail that was handled off the batch.</summary>
    private protected void EndMail(Exception? failure)
    {
        Mail mail = _batch!;
        _batch = mail.Next;
        mail.Next = null;
        if (failure is not null) mail.Fail(new ActorFailedException(Path, failure));
    }

    private void DrainUrgent()
    {
        Signal? taken = Interlocked.Exchange(ref _urgent, null);
        Signal? inOrder = null;
        while (taken is not null)
        {
            Signal? next = taken.Next;
            taken.Next = inOrder;
            inOrder = taken;
            taken = next;
        }

        while (inOrder is not null)
        {
            Signal signal = inOrder;
            inOrder = signal.Next;
            signal.Next = null;
            if (signal is Continuation)
            {
                Continue(signal);
            }
            else if (HasPending)
            {
                (Extras.Deferred ??= new Queue<Signal>()).Enqueue(signal);
            }
            else
            {
                signal.Handle(this);
            }
        }
    }

    private void Continue(Signal continuation)
    {
        _extras?.Pending?.EndWait();
        try
        {
            continuation.Handle(this);
        }
        catch (Exception e)
        {
            // An asynchronous method that returns no task: nobody else will ever see this exception.
            FailBeside(e);
        }

        // User code may have put another context in place.
        SetSynchronizationContext(this);
    }
}
