using System.Runtime.CompilerServices;

namespace ActorGrid.Actors;

/// <summary>The asynchronous handler or hook that an actor waits for; made once for an actor that has any.</summary>
internal sealed class PendingOperation
{
    private readonly ActorCell _cell;
    private readonly Action _onCompleted;
    private ValueTaskAwaiter _awaiter;
    private IAsk? _asked;
    private object? _askedAtHand;

    /// <summary>Odd while the actor seems to wait for what it asked last, which changes only while it is even.</summary>
    private long _waits;
    private CallCycle? _cycle;

    public PendingOperation(ActorCell cell)
    {
        _cell = cell;
        _onCompleted = OnCompleted;
    }

    public bool IsActive { get; private set; }

    /// <summary>What the operation seems to wait for: the last ask of the handling at hand, since the actor's code let go of its turn. For any thread.</summary>
    public Wait? Waiting
    {
        get
        {
            long number = Volatile.Read(ref _waits);
            return (number & 1) != 0 && Volatile.Read(ref _asked) is { } asked && Volatile.Read(ref _waits) == number ? new Wait(asked, number) : null;
        }
    }

    /// <summary>For any thread.</summary>
    public bool IsWaiting => (Volatile.Read(ref _waits) & 1) != 0;

    /// <summary>What watches the actor for a cycle of calls, once one was suspected. For any thread.</summary>
    public CallCycle? Cycle => Volatile.Read(ref _cycle);

    /// <summary>What the actor asked last, and during what.</summary>
    public void Note(IAsk? asked, object? atHand)
    {
        Volatile.Write(ref _asked, asked);
        _askedAtHand = atHand;
    }

    /// <summary>Called before the actor lets go of its turn. What ran since the last time, if anything did, has ended the wait before.</summary>
    public IAsk? BeginWait(object atHand)
    {
        if (_asked is null || _askedAtHand != atHand) return null;
        if ((_waits & 1) == 0) Volatile.Write(ref _waits, _waits + 1);
        return _asked;
    }

    /// <summary>Called before the actor's code goes on.</summary>
    public void EndWait()
    {
        if ((_waits & 1) != 0) Volatile.Write(ref _waits, _waits + 1);
    }

    /// <summary>For any thread.</summary>
    public CallCycle CycleOf(ActorCell cell) => Cycle ?? Interlocked.CompareExchange(ref _cycle, new CallCycle(cell), null) ?? _cycle;

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
        EndWait();
        Note(null, null);
        _cell.OnPendingEnded(failure);
    }
}
