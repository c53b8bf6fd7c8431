namespace ActorGrid.Actors;

/// <summary>Refers to an actor whose mailbox is bounded: a message needs a place before it is sent.</summary>
internal sealed class BoundedRef<TMessage>(ActorCell cell, MailboxBound bound) : ActorRef<TMessage>
{
    internal override ActorCell Cell { get; } = cell;

    public override void Tell(TMessage message)
    {
        var envelope = new Envelope<TMessage>(message);
        if (!bound.TryEnter())
        {
            if (bound.Overflow == MailboxOverflow.FailSender) throw bound.Refuse(Cell);
            System.DeadLetters.Add(envelope, Cell, DeadLetterReason.MailboxFull);
        }
        else if (!Cell.Post(envelope))
        {
            System.DeadLetters.Add(envelope, Cell, DeadLetterReason.Stopped);
        }
    }

    public override bool TryTell(TMessage message) => bound.TryEnter() && Cell.Post(new Envelope<TMessage>(message));

    internal override void Ask(AskEnvelope<TMessage> envelope)
    {
        if (!bound.TryEnter()) System.DeadLetters.Add(envelope, Cell, DeadLetterReason.MailboxFull);
        else if (!Cell.Post(envelope)) System.DeadLetters.Add(envelope, Cell, DeadLetterReason.Stopped);
    }
}
