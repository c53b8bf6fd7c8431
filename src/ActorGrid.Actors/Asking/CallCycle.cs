namespace ActorGrid.Actors;

/// <summary>Watches one actor, from when it may first have waited for itself: whom it asked waits for somebody, who waits for somebody, who waits for it.</summary>
/// <remarks>
/// <para>Whether code awaits what it asked cannot be told from outside. So who stands still with a last ask open seems to wait for it (<see cref="ActorCell.Waiting"/>), and a circle of such
/// is only suspected. It counts as a cycle if all of them have stood still for <see cref="Grace"/>, each in the same wait: then the ask of the actor that closed it fails.</para>
/// <para>Called from any thread, and while the actors run. An actor publishes its wait, lets go of its turn, which is a full barrier, and then looks: of those that close a circle from several sides
/// at once the last sees all the others. A wait that was seen with the same number at both looks has lasted from one to the other.</para>
/// </remarks>
internal sealed class CallCycle(ActorCell self) : IDeadline
{
    /// <summary>How long those who seem to wait for each other must stand still.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(500);

    /// <summary>Longer ones end at the deadline.</summary>
    private const int ActorsMax = 32;

    private List<Wait> _suspected = [];
    private int _isArmed;

    public bool IsDone => self.HasStopped;

    /// <summary>Called when the actor has let go of its turn and seems to wait. One suspicion at a time: when its time is over it looks again, so nothing that came up meanwhile is missed.</summary>
    public static void Look(ActorCell self, IAsk asked)
    {
        // Nearly always the one that was asked waits for nobody.
        if (asked.Target.Cell.Pending is not { IsWaiting: true } || self.Pending is not { } pending || pending.Cycle is { _isArmed: 1 } || Find(self) is not { } waits) return;
        pending.CycleOf(self).Suspect(waits);
    }

    public void Expire()
    {
        List<Wait> suspected = _suspected;
        _suspected = [];
        // A barrier: who publishes after it finds the suspicion gone and looks himself.
        Interlocked.Exchange(ref _isArmed, 0);
        if (Find(self) is not { } waits) return;
        if (waits.SequenceEqual(suspected)) Fail(waits);
        else Suspect(waits);
    }

    private void Suspect(List<Wait> waits)
    {
        if (Interlocked.CompareExchange(ref _isArmed, 1, 0) != 0) return;
        _suspected = waits;
        self.System.Deadlines.Add(this, Grace);
    }

    private void Fail(List<Wait> waits)
    {
        string[] paths = [self.Path, .. waits.Select(wait => wait.Ask.Target.Path)];
        // By way of a router the last one has another name than the actor has.
        paths[^1] = self.Path;
        ActorMeter.OnCallCycle();
        waits[0].Ask.Fail(new CallCycleException(paths));
    }

    /// <summary>The waits of the circle, that of the actor first; null if there is none.</summary>
    /// <remarks>A wait counts only while the ask is open and the one who was asked still holds it: in its mailbox, or as the message whose handling waits. Once that has been handled, someone else may
    /// have been given the reply slot.</remarks>
    private static List<Wait>? Find(ActorCell self)
    {
        List<Wait>? waits = null;
        for (ActorCell cell = self; cell.Waiting is { } wait && !wait.Ask.Reply.IsCompleted; cell = wait.Ask.Target.Cell)
        {
            (waits ??= []).Add(wait);
            // A router's reference names the router; what came by it is known by the mail at hand.
            if (wait.Ask.Target.Cell == self || self.Handles(wait.Ask)) return self.Holds(wait.Ask) ? waits : null;
            if (waits.Count == ActorsMax || !wait.Ask.Target.Cell.Holds(wait.Ask)) return null;
        }

        return null;
    }
}

/// <summary>That an actor seems to wait for an ask.</summary>
/// <param name="Ask">What its code asked last, in the handling at hand.</param>
/// <param name="Number">Counts the waits of the actor.</param>
internal readonly record struct Wait(IAsk Ask, long Number);
