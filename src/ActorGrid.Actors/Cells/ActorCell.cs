using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace ActorGrid.Actors;

/// <summary>The inside of an actor: mailbox, turns on the dispatcher, life cycle, supervision. It is also the synchronization context of its actor, so that whatever
/// the actor's code awaits goes on within the actor.</summary>
/// <remarks>
/// Who may run it: <c>_top</c> is null when the actor is idle; who replaces that null schedules it. <c>_parked</c> is 1 when the actor cannot
/// take messages (a handler is pending, a failure is undecided, it has stopped); who replaces that 1 schedules it. In all other states exactly one thread,
/// or one place in a run queue, owns it. Everything but <c>_top</c>, <c>_urgent</c> and <c>_parked</c> belongs to the owner; a description, and the search
/// for cycles of calls, look at it from other threads, and say what they make of that.
/// </remarks>
internal abstract partial class ActorCell : SynchronizationContext, IRunnable
{
    /// <summary>How many messages an actor may handle before others get their turn.</summary>
    protected const int TurnBudget = 256;

    private protected readonly Dispatcher _dispatcher;
    private protected Mail? _batch;
    private protected CellPhase _phase;
    private protected CellExtras? _extras;
    private bool _inTurn;
    private int _parked;
    private Mail? _top = Mail.Busy;
    private Signal? _urgent;

    protected ActorCell(ActorSystem system, ActorCell? parent, string? name, Dispatcher dispatcher, long id)
    {
        System = system;
        Parent = parent;
        _dispatcher = dispatcher;
        Id = id;
        if (name is not null) Extras.Name = name;
    }

    public ActorSystem System { get; }

    public ActorCell? Parent { get; }

    public abstract ActorRef Ref { get; }

    public long Id { get; }

    public string Name => _extras?.Name ?? "$" + Id.ToString("x", null);

    /// <summary>Whether somebody chose its name, which then is in its parent's index.</summary>
    public bool HasName => _extras?.Name is not null;

    public string Path => Parent is null ? "/" : Parent.Parent is null ? "/" + Name : Parent.Path + "/" + Name;

    public bool HasStopped => Volatile.Read(ref _top) == Mail.Closed;

    /// <summary>What it is doing at the moment, by one look at the mailbox's word; from any thread.</summary>
    internal CellActivity Activity
    {
        get
        {
            Mail? top = Volatile.Read(ref _top);
            return top is null ? CellActivity.Idle : top == Mail.Closed ? CellActivity.Stopped : CellActivity.Busy;
        }
    }

    /// <summary>Whether it has put messages aside. From any thread, if it was idle just before: letting go of the turn has made the stash visible. It may have begun another since.</summary>
    internal bool HasStash => _extras?.Stash is { Count: > 0 };

    /// <summary>The places of its mailbox, if they are counted; from any thread.</summary>
    internal MailboxBound? Bound => _extras?.Bound;

    internal CellExtras Extras => _extras ?? MakeExtras();

    /// <summary>Puts mail at the end of the mailbox. Thread-safe.</summary>
    /// <returns><see langword="false"/> if the actor has stopped.</returns>
    public bool Post(Mail mail)
    {
        Mail? top = Volatile.Read(ref _top);
        while (true)
        {
            if (top == Mail.Closed) return false;
            mail.Next = top == Mail.Busy ? null : top;
            Mail? seen = Interlocked.CompareExchange(ref _top, mail, top);
            if (seen == top) break;
            top = seen;
        }

        if (top is null) Schedule();
        return true;
    }

    /// <summary>Hands over a signal. Thread-safe; a stopped actor still takes signals.</summary>
    public void Send(Signal signal)
    {
        Signal? first = Volatile.Read(ref _urgent);
        while (true)
        {
            signal.Next = first;
            Signal? seen = Interlocked.CompareExchange(ref _urgent, signal, first);
            if (seen == first) break;
            first = seen;
        }

        // The exchange above and the one by which the owner parks or goes idle are full barriers: either the owner, having let go,
        // sees the signal, or we see that it has let go.
        if (Volatile.Read(ref _parked) == 1)
        {
            if (Interlocked.Exchange(ref _parked, 0) == 1) Schedule();
        }
        else if (Volatile.Read(ref _top) is null && Interlocked.CompareExchange(ref _top, Mail.Busy, null) is null)
        {
            Schedule();
        }
    }

    /// <summary>One turn, on whatever thread the dispatcher chose.</summary>
    public void Run()
    {
        Enter();
        SetSynchronizationContext(this);
        try
        {
            do
            {
                Turn();
            }
            while (!LetGo());
        }
        finally
        {
            SetSynchronizationContext(null);
        }
    }

    public override void Post(SendOrPostCallback d, object? state) => Send(new Continuation(d, state));

    public override void Send(SendOrPostCallback d, object? state) =>
        throw new NotSupportedException("An actor's synchronization context only posts: waiting for an actor would block a worker.");

    public override SynchronizationContext CreateCopy() => this;

    public override string ToString() => Path;

    /// <summary>Called first by whatever a handler does with its context: only the actor's own turn may.</summary>
    internal void AssertInTurn()
    {
        if (Current != this) ThrowOutOfTurn();
    }

    internal void Schedule()
    {
        if (!_dispatcher.Schedule(this)) System.OnDispatcherRefused(this);
    }

    /// <summary>Handles mail while the actor is running, no signal waits and <paramref name="budget"/> lasts.</summary>
    protected abstract void HandleMail(ref int budget);

    /// <summary>The next mail, which becomes the first of <see cref="_batch"/> until it is done with; null if there is none.</summary>
    private protected Mail? TakeMail()
    {
        // With lanes this is called for every mail: as long as none has come, they need no exchange of the word.
        Mail? first = _extras?.Lanes is { } lanes
            ? lanes.Exchange(Volatile.Read(ref _top) == Mail.Busy ? null : TakeAll(Mail.Busy))
            : TakeAll(Mail.Busy);
        if (first is not null) _batch = first;
        return first;
    }

    private protected bool HasUrgent => Volatile.Read(ref _urgent) is not null;

    [DoesNotReturn]
    private void ThrowOutOfTurn() =>
        throw new InvalidOperationException(
            $"The context of actor {Path} was used outside the actor: from another thread, or after ConfigureAwait(false). Send the actor a message instead.");

    private void Enter()
    {
        if (_inTurn) Environment.FailFast($"Two threads are in actor {Path}: the dispatcher ran it twice for one schedule.");
        _inTurn = true;
    }

    private void Turn()
    {
        if (_phase == CellPhase.Created) BeginStart();
        int budget = TurnBudget;
        do
        {
            if (HasUrgent) DrainUrgent();
            if (_phase != CellPhase.Running) return;
            HandleMail(ref budget);
        }
        while (budget > 0 && HasUrgent);
    }

    /// <summary>Ends the turn.</summary>
    /// <returns><see langword="false"/> if there is something to do at once and this thread still owns the actor.</returns>
    private bool LetGo()
    {
        if (_phase != CellPhase.Running) return Park();
        _inTurn = false;
        if (_batch is not null || _extras?.Lanes is { IsEmpty: false } || Interlocked.CompareExchange(ref _top, null, Mail.Busy) != Mail.Busy)
        {
            Schedule();
            return true;
        }

        if (!HasUrgent || Interlocked.CompareExchange(ref _top, Mail.Busy, null) is not null) return true;
        Enter();
        return false;
    }

    /// <summary>Ends the turn of an actor that cannot take messages.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool Park()
    {
        IAsk? waitsFor = HasPending ? _extras!.Pending!.BeginWait(AtHand) : null;
        _inTurn = false;
        Interlocked.Exchange(ref _parked, 1);
        if (!HasUrgent || Interlocked.Exchange(ref _parked, 0) == 0)
        {
            if (waitsFor is not null) CallCycle.Look(this, waitsFor);
            return true;
        }

        Enter();
        return false;
    }

    /// <summary>Leaves <paramref name="mark"/> in the mailbox's word, and returns what was there, oldest first.</summary>
    private Mail? TakeAll(Mail mark)
    {
        Mail? taken = Interlocked.Exchange(ref _top, mark);
        if (taken == Mail.Busy) return null;
        Mail? inOrder = null;
        while (taken is not null)
        {
            Mail? next = taken.Next;
            taken.Next = inOrder;
            inOrder = taken;
            taken = next;
        }

        return inOrder;
    }

    private CellExtras MakeExtras()
    {
        // Spawning names the root's extras from any thread.
        Interlocked.CompareExchange(ref _extras, new CellExtras(), null);
        return _extras;
    }
}
