using System.Runtime.CompilerServices;

namespace ActorGrid.Actors;

/// <summary>The asynchronous handler or hook that an actor waits for; made once for an actor that has any.</summary>
internal sealed class PendingOperation
{
    private readonly ActorCell _cell;
    private readonly Action _onCompleted;
    private ValueTaskAwaiter _awaiter;

    public PendingOperation(ActorCell cell)
    {
        _cell = cell;
        _onCompleted = OnCompleted;
    }

    public bool IsActive { get; private set; }

    public void Begin(ValueTask operation)
    {
        IsActive = true;
        _awaiter = operation.GetAwaiter();
        // The cell is the current context here, so the callback comes through its Post, or at once if the operation ends on its turn.
        _awaiter.UnsafeOnCompleted(_onCompleted);
    }

    private void OnCompleted()
    {
        // A value task source of the user's own may ignore the context.
        if (SynchronizationContext.Current != _cell) _cell.Post(static me => ((PendingOperation)me!).End(), this);
        else End();
    }

    private void End()
    {
        Exception? failure = null;
        try
        {
            _awaiter.TakeOutcome();
        }
        catch (Exception e)
        {
            failure = e;
        }

        _awaiter = default;
        IsActive = false;
        _cell.OnPendingEnded(failure);
    }
}
