namespace ActorGrid.Actors;

/// <summary>What the actor asks while it handles a message, and whether it seems to wait for the reply.</summary>
internal abstract partial class ActorCell
{
    /// <summary>As far as a mailbox is searched. What lies deeper is not found, and the ask ends at its deadline.</summary>
    private const int SearchMax = 1000;

    /// <summary>From any thread.</summary>
    internal PendingOperation? Pending => _extras?.Pending;

    /// <summary>The ask that the handler, or the hook, seems to wait for; null if there is none, or a piece of the actor is about to run. From any thread.</summary>
    internal Wait? Waiting => _extras?.Pending is { } pending && !HasUrgent ? pending.Waiting : null;

    /// <summary>What an ask belongs to: the mail that is being handled, or else the hook.</summary>
    private object AtHand => _phase == CellPhase.Handling ? _batch! : this;

    /// <summary>Called on the actor's turn for each ask that it makes. Whether it waits for it shows when its code lets go of the turn.</summary>
    internal void OnAsked(IAsk ask) => (Extras.Pending ??= new PendingOperation(this)).Note(ask, AtHand);

    /// <summary>Called on the actor's turn when what it asked before need not be what it waits for: it asked something that a token can end, piped a task, or puts its message aside.</summary>
    internal void ForgetAsked() => _extras?.Pending?.Note(null, null);

    /// <summary>Whether that ask is the message being handled. From any thread, and true of an actor that stands still.</summary>
    internal bool Handles(IAsk ask) => _phase == CellPhase.Handling && Volatile.Read(ref _batch)?.Asker == ask;

    /// <summary>Whether that ask is being handled, or waits in the mailbox. From any thread, and true of an actor that stands still: nobody takes its mail then.</summary>
    internal bool Holds(IAsk ask) => IsAmong(Volatile.Read(ref _batch), ask, SearchMax) || _extras?.Lanes?.Holds(ask, SearchMax) == true || IsAmong(Volatile.Read(ref _top), ask, SearchMax);

    internal static bool IsAmong(Mail? mail, IAsk ask, int most)
    {
        for (int i = 0; mail is not null && i < most; i++, mail = Volatile.Read(ref mail.Next))
        {
            if (mail.Asker == ask) return true;
        }

        return false;
    }
}
