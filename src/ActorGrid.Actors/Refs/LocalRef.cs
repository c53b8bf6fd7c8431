namespace ActorGrid.Actors;

/// <summary>Refers to an actor whose mailbox has no bound.</summary>
internal sealed class LocalRef<TMessage>(ActorCell cell) : ActorRef<TMessage>
{
    internal override ActorCell Cell { get; } = cell;

    public override void Tell(TMessage message)
    {
        var envelope = new Envelope<TMessage>(message);
        if (!Cell.Post(envelope)) System.DeadLetters.Add(envelope, Cell, DeadLetterReason.Stopped);
    }

    public override bool TryTell(TMessage message) => Cell.Post(new Envelope<TMessage>(message));

    internal override void Ask(AskEnvelope<TMessage> envelope)
    {
        if (!Cell.Post(envelope)) System.DeadLetters.Add(envelope, Cell, DeadLetterReason.Stopped);
    }
}
