namespace ActorGrid.Actors;

/// <summary>What a <see cref="Routing{TMessage}"/> makes for one router: the choice, with what it has to remember. All but <see cref="Take"/> is called from any thread, each call on the routees as they are at that moment.</summary>
internal abstract class Router<TMessage>
{
    private Routee<TMessage>[] _routees = [];

    /// <summary>As <see cref="Arrange"/> left them.</summary>
    protected Routee<TMessage>[] Routees => Volatile.Read(ref _routees);

    /// <summary>Chooses among these from now on, which are in the order of their slots.</summary>
    public void Take(Routee<TMessage>[] routees) => Volatile.Write(ref _routees, Arrange(routees));

    /// <summary>Hands a message on.</summary>
    /// <returns><see langword="false"/> if there is no routee.</returns>
    public abstract bool Tell(TMessage message);

    /// <summary>Hands a message on if it can be delivered now.</summary>
    /// <returns><see langword="false"/> if nobody took the message.</returns>
    public abstract bool TryTell(TMessage message);

    /// <summary>Hands an ask on, or fails it.</summary>
    /// <returns><see langword="false"/> if there is no routee.</returns>
    public abstract bool Ask(AskEnvelope<TMessage> envelope);

    protected virtual Routee<TMessage>[] Arrange(Routee<TMessage>[] routees) => routees;
}
