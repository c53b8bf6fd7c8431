namespace ActorGrid.Actors;

/// <summary>Refers to a pool: a router that has made its routees itself. They are its children, and stop with it.</summary>
/// <typeparam name="TMessage">What can be sent.</typeparam>
public sealed class PoolRef<TMessage> : RouterRef<TMessage>
{
    internal PoolRef(Router<TMessage> router, int routees)
        : base(router) => State = new PoolState<TMessage>(this, routees);

    /// <summary>What the pool's actor keeps through its restarts.</summary>
    internal PoolState<TMessage> State { get; }

    /// <summary>Lets the pool grow or shrink to that many routees; returns at once. Does nothing once the pool is stopping.</summary>
    /// <remarks>
    /// <para>The routees in the highest slots are taken away, whether they are busy or not. One that is taken away gets no new messages; a second later, by the system's clock, it is told to stop
    /// after what is in its mailbox by then. If the pool grows within that second, it is taken back. A sender that has chosen it and needs more than the second to send (its thread was held up for so
    /// long) finds it stopping or stopped: the message is then a dead letter, and an ask fails.</para>
    /// <para>A pool with a <see cref="PoolOptions.Resizing"/> goes on from there by itself, and comes back within its bounds as its routees become idle.</para>
    /// </remarks>
    /// <param name="routees">How many, 1 to 10,000.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="routees"/> is less than 1 or more than 10,000.</exception>
    public void Resize(int routees)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(routees, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(routees, PoolOptions.RouteesLimit);
        Own.TryTell(new PoolMessage.Resize(routees));
    }

    private ActorRef<PoolMessage> Own => ((ActorCell<PoolMessage>)Cell).Self;

    /// <summary>What was sent to the pool waits in the mailboxes of its routees.</summary>
    private protected override bool PostDrain(Drain drain) => Own.TryTell(new PoolMessage.Close());
}
