namespace ActorGrid.Actors;

/// <summary>A message in a mailbox; also its own link, so that a mailbox is one word.</summary>
internal class Mail
{
    /// <summary>In the mailbox's word: the actor is taken by a worker, or waits, and no mail is there.</summary>
    public static readonly Mail Busy = new();

    /// <summary>In the mailbox's word: the actor has stopped for good.</summary>
    public static readonly Mail Closed = new();

    public Mail? Next;

    /// <summary>What a dead letter shows.</summary>
    public virtual object? Content => null;

    /// <summary>Who waits for the reply; null if nobody does.</summary>
    public virtual IAsker? Asker => null;

    /// <summary>Called when the mail's handling threw, or nobody will handle it.</summary>
    public virtual void Fail(Exception reason)
    {
    }
}

/// <summary>A user's message.</summary>
internal class Envelope<TMessage>(TMessage message) : Mail
{
    public readonly TMessage Message = message;

    public override object? Content => Message;

    /// <summary>A message may be the asker itself.</summary>
    public override void Fail(Exception reason) => (Message as IAsker)?.Fail(reason);
}

/// <summary>A message that somebody waits for the reply to: if it is lost or its handling fails, the asker learns that at once.</summary>
internal sealed class AskEnvelope<TMessage>(TMessage message, IAsker asker) : Envelope<TMessage>(message)
{
    public override IAsker Asker => asker;

    public override void Fail(Exception reason) => asker.Fail(reason);
}

/// <summary>What an actor arranged to be sent itself (a timer, the end of a watched actor) and may have called off by the time it is handled, or the request to stop
/// when all before it is handled.</summary>
internal sealed class ControlMail(IControl control) : Mail
{
    public IControl Control { get; } = control;
}

/// <summary>What stands behind a <see cref="ControlMail"/>. Called on the actor's turn.</summary>
internal interface IControl
{
    /// <summary>The message by which a priority mailbox judges it. Null: it goes behind everything that came before it, on whatever level.</summary>
    object? Judged => null;

    /// <summary>Whether it still applies; if so <paramref name="message"/> is to be handled, or the cell has been told what to do.</summary>
    bool TryTake(ActorCell cell, out object? message);
}

/// <summary>The one who waits for a reply.</summary>
internal interface IAsker
{
    void Fail(Exception reason);
}
