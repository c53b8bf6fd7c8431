namespace ActorGrid.Actors;

/// <summary>Refers to a router: what is sent to it goes on to others, the routees, as its <see cref="Routing{TMessage}"/> says. What is sent when no routee is left becomes a dead letter.</summary>
/// <remarks>A routee that stops is left out as soon as the router's own actor has heard of it; what it is handed until then becomes a dead letter of its own. Name, path, stopping and watching are those of
/// the router's own actor, past whose mailbox all messages go.</remarks>
/// <typeparam name="TMessage">What can be sent.</typeparam>
public class RouterRef<TMessage> : ActorRef<TMessage>
{
    private readonly Router<TMessage> _router;
    private Routee<TMessage>[] _routees = [];
    private ActorCell? _cell;

    internal RouterRef(Router<TMessage> router) => _router = router;

    /// <summary>How many routees there are at the moment.</summary>
    public int RouteeCount => Routees.Length;

    internal sealed override ActorCell Cell => _cell!;

    /// <summary>In the order of their slots. Set on the turn of the router's own actor.</summary>
    internal Routee<TMessage>[] Routees
    {
        get => Volatile.Read(ref _routees);
        set
        {
            Volatile.Write(ref _routees, value);
            _router.Take(value);
        }
    }

    /// <inheritdoc/>
    public sealed override void Tell(TMessage message)
    {
        if (!_router.Tell(message)) System.DeadLetters.Add(new Envelope<TMessage>(message), Cell, DeadLetterReason.Stopped);
    }

    /// <summary>Sends a message to whom the routing chooses, if it can be delivered there now; makes no dead letter, and does not look for another who would take it.</summary>
    /// <param name="message">The message; it must not change afterwards.</param>
    /// <returns><see langword="false"/> if no routee is left, or the one that was chosen has stopped or its mailbox is full; where the message goes to all: if that is so of each of them.</returns>
    /// <remarks>It throws what a function of the routing throws that looks for the message's key.</remarks>
    public sealed override bool TryTell(TMessage message) => _router.TryTell(message);

    internal sealed override void Ask(AskEnvelope<TMessage> envelope)
    {
        if (!_router.Ask(envelope)) System.DeadLetters.Add(envelope, Cell, DeadLetterReason.Stopped);
    }

    internal void Attach(ActorCell cell) => _cell = cell;

    internal void LeaveOut(ActorRef stopped) => Routees = [.. Routees.Where(routee => routee.Ref != stopped)];
}
