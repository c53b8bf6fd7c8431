namespace ActorGrid.Actors;

/// <summary>What the actor asks while it handles a message, and whether it waits for the reply.</summary>
internal abstract partial class ActorCell
{
    /// <summary>As far as a mailbox is searched. What lies deeper is not found, and the ask ends at its deadline.</summary>
    private const int SearchMax = 1000;

    /// <summary>The ask that the handler, or the hook, is known to await. From any thread.</summary>
    internal IAsk? WaitsFor => _extras?.Pending?.WaitsFor;

    /// <summary>What an ask belongs to: the mail that is being handled, or else the hook.</summary>
    private object AtHand => _phase == CellPhase.Handling ? _batch! : this;

    /// <summary>Called on the actor's turn for each ask that it makes. Whether it awaits it shows when its code lets go of the turn.</summary>
    internal void OnAsked(IAsk ask) => (Extras.Pending ??= new PendingOperation(this)).Note(ask, AtHand);

    /// <summary>Called when a task is piped to the actor, which goes on without it. What it asked before may be behind that task.</summary>
    internal void OnPiped() => _extras?.Pending?.Note(null, null);

    /// <summary>Whether that ask is the message being handled. On the actor's turn, or while its handler waits.</summary>
    internal bool Handles(IAsk ask) => _phase == CellPhase.Handling && Volatile.Read(ref _batch)?.Asker == ask;

    /// <summary>Whether that ask is being handled, or waits in the mailbox. On the actor's turn, or while its handler waits: nobody takes mail then.</summary>
    internal bool Holds(IAsk ask) => IsAmong(Volatile.Read(ref _batch), ask) || IsAmong(Volatile.Read(ref _top), ask);

    private static bool IsAmong(Mail? mail, IAsk ask)
    {
        for (int i = 0; mail is not null && i < SearchMax; i++, mail = Volatile.Read(ref mail.Next))
        {
            if (mail.Asker == ask) return true;
        }

        return false;
    }

    /// <summary>Called when the actor's code has let go of the turn and something is pending: if it awaits what it asked last, it says so, and fails that ask if it would be waiting for
    /// itself.</summary>
    private void LookForCycle()
    {
        PendingOperation pending = _extras!.Pending!;
        if (pending.Asked is not { } asked || pending.WaitsFor == asked || pending.AskedAtHand != AtHand || !AwaitedTask.IsAwaited(asked.Reply)) return;
        pending.Publish(asked);
        if (asked.Target.Cell.WaitsFor is null || CallCycle.Find(this, asked) is not { } cycle) return;
        string[] paths = [Path, .. cycle.Select(ask => ask.Target.Path)];
        // By way of a router the last one has another name than the actor has.
        paths[^1] = Path;
        asked.Fail(new CallCycleException(paths));
    }
}
