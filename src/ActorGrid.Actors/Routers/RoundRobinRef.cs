namespace ActorGrid.Actors;

/// <summary>Refers to a pool: each message goes to the next routee in turn. What is sent when no routee is left becomes a dead letter.</summary>
internal sealed class RoundRobinRef<TMessage> : ActorRef<TMessage>
{
    private ActorRef<TMessage>[] _routees = [];
    private int _last = -1;
    private ActorCell? _pool;

    internal override ActorCell Cell => _pool!;

    public ActorRef<TMessage>[] Routees
    {
        get => Volatile.Read(ref _routees);
        set => Volatile.Write(ref _routees, value);
    }

    public void Attach(ActorCell pool) => _pool = pool;

    public override void Tell(TMessage message)
    {
        if (Next() is { } routee) routee.Tell(message);
        else System.DeadLetters.Add(new Envelope<TMessage>(message), Cell, DeadLetterReason.Stopped);
    }

    public override bool TryTell(TMessage message) => Next()?.TryTell(message) ?? false;

    internal override void Ask(AskEnvelope<TMessage> envelope)
    {
        if (Next() is { } routee) routee.Ask(envelope);
        else System.DeadLetters.Add(envelope, Cell, DeadLetterReason.Stopped);
    }

    private ActorRef<TMessage>? Next()
    {
        ActorRef<TMessage>[] routees = Routees;
        return routees.Length == 0 ? null : routees[(uint)Interlocked.Increment(ref _last) % (uint)routees.Length];
    }
}
