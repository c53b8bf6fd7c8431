using System.Runtime.CompilerServices;

namespace ActorGrid.Actors;

/// <summary>The asynchronous handler or hook that an actor waits for; made once for an actor that has any.</summary>
internal sealed class PendingOperation
{
    private readonly ActorCell _cell;
    private readonly Action _onCompleted;
    private ValueTaskAwaiter _awaiter;
    private IAsk? _waitsFor;

    public PendingOperation(ActorCell cell)
    {
        _cell = cell;
        _onCompleted = OnCompleted;
    }

    public bool IsActive { get; private set; }

    /// <summary>What the actor asked last, and during what.</summary>
    public IAsk? Asked { get; private set; }

    public object? AskedAtHand { get; private set; }

    /// <summary>The ask that the operation awaits, as far as that is known. Read from any thread.</summary>
    public IAsk? WaitsFor => Volatile.Read(ref _waitsFor);

    public void Note(IAsk? asked, object? atHand)
    {
        Asked = asked;
        AskedAtHand = atHand;
    }

    /// <summary>A full barrier: of two actors that publish and then look, one at least sees the other.</summary>
    public void Publish(IAsk waitsFor) => Interlocked.Exchange(ref _waitsFor, waitsFor);

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
        Note(null, null);
        Volatile.Write(ref _waitsFor, null);
        _cell.OnPendingEnded(failure);
    }
}
