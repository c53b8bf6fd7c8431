namespace ActorGrid.Actors;

public sealed partial class ActorSystem
{
    /// <summary>Starts a pool of like actors at the top of the tree, which share the messages.</summary>
    /// <typeparam name="TMessage">What they understand.</typeparam>
    /// <param name="factory">Makes the instances.</param>
    /// <param name="options">How many, and how they are supervised.</param>
    /// <param name="name">The pool's name; default: a number.</param>
    /// <param name="routing">Who gets which message. Default: <see cref="Routing{TMessage}.RoundRobin"/>.</param>
    /// <returns>A reference that hands each message on. Stopping it stops them all.</returns>
    /// <exception cref="ArgumentException">The name is not allowed, the options of the routees prioritize messages of another type, or their mailboxes are full before a pool with a
    /// <see cref="PoolOptions.Resizing"/> would grow.</exception>
    /// <exception cref="InvalidOperationException">There is an actor of that name, or the system is stopping.</exception>
    public PoolRef<TMessage> SpawnPool<TMessage>(Func<Actor<TMessage>> factory, PoolOptions options, string? name = null, Routing<TMessage>? routing = null) =>
        SpawnPool(_root, factory, options, name, routing);

    /// <summary>Starts a router at the top of the tree, over actors that there are already.</summary>
    /// <typeparam name="TMessage">What they understand.</typeparam>
    /// <param name="routees">The actors, in the order in which the routing knows them; at least one.</param>
    /// <param name="name">The router's name; default: a number.</param>
    /// <param name="routing">Who gets which message. Default: <see cref="Routing{TMessage}.RoundRobin"/>.</param>
    /// <returns>A reference that hands each message on. Stopping it does not stop them.</returns>
    /// <exception cref="ArgumentException">There are no routees, one of them is null, the name is not allowed, or the routing is <see cref="Routing{TMessage}.SmallestMailbox"/> and a routee's mailbox
    /// has no bound.</exception>
    /// <exception cref="InvalidOperationException">There is an actor of that name, or the system is stopping.</exception>
    public RouterRef<TMessage> SpawnRouter<TMessage>(IEnumerable<ActorRef<TMessage>> routees, string? name = null, Routing<TMessage>? routing = null) =>
        SpawnRouter(_root, routees, name, routing);

    internal PoolRef<TMessage> SpawnPool<TMessage>(ActorCell parent, Func<Actor<TMessage>> factory, PoolOptions options, string? name, Routing<TMessage>? routing)
    {
        ArgumentNullException.ThrowIfNull(factory);
        ArgumentNullException.ThrowIfNull(options);
        routing ??= Routing<TMessage>.RoundRobin;
        SpawnOptions? routee = options.Routee;
        // Whatever can be wrong with a routee must come out before the pool is its parent's child.
        _ = SpawnOptions.LevelOf<TMessage>(routee);
        if (options.Resizing is { WaitingPerRoutee: var waiting } && routee?.MailboxCapacity <= waiting)
        {
            throw new ArgumentException(
                $"The pool would never grow: {nameof(PoolResizing.WaitingPerRoutee)} is {waiting}, and no more than {routee.MailboxCapacity} messages can wait for a routee, its {nameof(SpawnOptions.MailboxCapacity)}. " +
                "Let fewer wait, or give the mailboxes more room.", nameof(options));
        }

        if (routing.NeedsCounts || options.Resizing is not null) routee = (routee ?? new SpawnOptions()) with { IsCounted = true };
        var pool = new PoolRef<TMessage>(routing.Make(this), options.Routees);
        ActorCell<PoolMessage> cell = MakeChild(parent, () => new Pool<TMessage>(pool.State, options, routee, routing.IsBySlot, factory), name, options: null);
        pool.Attach(cell);
        pool.State.Fill(() => Spawn(cell, factory, name: null, routee));
        cell.Schedule();
        return pool;
    }

    internal RouterRef<TMessage> SpawnRouter<TMessage>(ActorCell parent, IEnumerable<ActorRef<TMessage>> routees, string? name, Routing<TMessage>? routing)
    {
        ArgumentNullException.ThrowIfNull(routees);
        routing ??= Routing<TMessage>.RoundRobin;
        ActorRef<TMessage>[] all = [.. routees];
        if (all.Length == 0) throw new ArgumentException("A router needs at least one routee.", nameof(routees));
        if (Array.IndexOf(all, null) is >= 0 and var missing) throw new ArgumentException($"The routee at index {missing} is null.", nameof(routees));
        Routee<TMessage>[] given = [.. all.Select((one, slot) => new Routee<TMessage>(one, slot))];
        if (routing.NeedsCounts && Array.Find(given, one => !one.IsCounted) is { } uncounted)
            throw new ArgumentException($"The messages that wait for {uncounted.Ref} are not counted, so its mailbox cannot be compared. Give it a {nameof(SpawnOptions.MailboxCapacity)}.", nameof(routees));
        var router = new RouterRef<TMessage>(routing.Make(this));
        ActorCell<ActorRef> cell = MakeChild(parent, () => new GivenRoutees<TMessage>(router, given), name, options: null);
        router.Attach(cell);
        router.Routees = given;
        cell.Schedule();
        return router;
    }
}
