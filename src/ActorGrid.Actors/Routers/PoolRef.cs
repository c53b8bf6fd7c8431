namespace ActorGrid.Actors;

/// <summary>Refers to a pool: a router that has made its routees itself. They are its children, and stop with it.</summary>
/// <typeparam name="TMessage">What can be sent.</typeparam>
public sealed class PoolRef<TMessage> : RouterRef<TMessage>
{
    internal PoolRef(Router<TMessage> router, int routees)
        : base(router) => Wanted = routees;

    /// <summary>How many routees it starts with, after a restart too. Belongs to the pool's turn.</summary>
    internal int Wanted { get; set; }

    /// <summary>Lets the pool grow or shrink to that many routees; returns at once. A routee that is taken away gets no new messages, handles what it has, and stops, at the earliest a second later: what
    /// a sender had on the way to it by then arrives. Does nothing once the pool has stopped.</summary>
    /// <remarks>A pool with a <see cref="PoolOptions.Resizing"/> goes on from there by itself, and comes back within its bounds.</remarks>
    /// <param name="routees">How many, from 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="routees"/> is less than 1.</exception>
    public void Resize(int routees)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(routees, 1);
        Own.TryTell(new PoolMessage.Resize(routees));
    }

    private ActorRef<PoolMessage> Own => ((ActorCell<PoolMessage>)Cell).Self;

    /// <summary>What was sent to the pool waits in the mailboxes of its routees.</summary>
    private protected override bool PostDrain(Drain drain) => Own.TryTell(new PoolMessage.Close());

    /// <summary>Spawns as many as are missing. Free slots are filled first.</summary>
    internal void Grow(Func<ActorRef<TMessage>> spawn)
    {
        Routee<TMessage>[] now = Routees;
        IEnumerable<int> free = Enumerable.Range(0, Wanted).Except(now.Select(routee => routee.Slot)).Take(Wanted - now.Length);
        Routees = [.. now.Concat(free.Select(slot => new Routee<TMessage>(spawn(), slot))).OrderBy(routee => routee.Slot)];
    }
}
