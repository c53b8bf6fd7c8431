namespace ActorGrid.Actors;

/// <summary>The parent of a pool's routees. It is told of those that have stopped, and spawns and retires them as the size changes.</summary>
internal sealed class Pool<TMessage>(PoolRef<TMessage> pool, PoolOptions options, SpawnOptions? routeeOptions, Func<Actor<TMessage>> factory) : Actor<PoolMessage>
{
    /// <summary>A sender may have chosen a routee just before it was taken away, and lose its processor before it has sent. By then it will have sent.</summary>
    private static readonly TimeSpan BeforeRetiring = TimeSpan.FromSeconds(1);

    /// <summary>All that have not stopped, those that are being retired too.</summary>
    private readonly List<ActorRef> _alive = [];
    private bool _isClosing;

    protected override SupervisionStrategy Supervision => options.Supervision;

    protected override ValueTask OnStartAsync()
    {
        // The first routees are there before the pool starts, so that the reference is good at once.
        foreach (Routee<TMessage> routee in pool.Routees) Watch(routee);
        Grow();
        if (options.Resizing is { } resizing) Context.Timers.StartPeriodic(resizing, resizing.Interval, new PoolMessage.Look());
        return default;
    }

    protected override ValueTask OnMessageAsync(PoolMessage message)
    {
        switch (message)
        {
            case PoolMessage.Gone gone:
                pool.LeaveOut(gone.Routee);
                _alive.Remove(gone.Routee);
                break;
            case PoolMessage.Resize resize when !_isClosing:
                Resize(resize.Routees);
                break;
            case PoolMessage.Retire retire:
                LetEnd(retire.Routee);
                break;
            case PoolMessage.Close:
                _isClosing = true;
                pool.Routees = [];
                foreach (ActorRef routee in _alive) LetEnd(routee);
                break;
            case PoolMessage.Look when !_isClosing:
                Routee<TMessage>[] routees = pool.Routees;
                Resize(options.Resizing!.Decide(routees.Length, routees.Sum(one => (long)one.Waiting), routees.Count(one => one.IsIdle)));
                break;
        }

        if (_isClosing && _alive.Count == 0) Context.StopSelf();
        return default;
    }

    protected override ValueTask OnStopAsync()
    {
        pool.Routees = [];
        return default;
    }

    private void Resize(int routees)
    {
        pool.Wanted = routees;
        Routee<TMessage>[] now = pool.Routees;
        if (routees >= now.Length)
        {
            Grow();
            return;
        }

        // Those with the highest slots, so that keys and weights of the others stay as they are.
        pool.Routees = now[..routees];
        foreach (Routee<TMessage> routee in now[routees..]) Context.Timers.StartOnce(routee, BeforeRetiring, new PoolMessage.Retire(routee.Ref));
    }

    private void Grow()
    {
        Routee<TMessage>[] before = pool.Routees;
        if (before.Length >= pool.Wanted) return;
        pool.Grow(() => Context.Spawn(factory, name: null, routeeOptions));
        foreach (Routee<TMessage> routee in pool.Routees.Except(before)) Watch(routee);
    }

    private void Watch(Routee<TMessage> routee)
    {
        _alive.Add(routee.Ref);
        Context.Watch(routee.Ref, new PoolMessage.Gone(routee.Ref));
    }

    /// <summary>Stops it after what is in its mailbox.</summary>
    private static void LetEnd(ActorRef routee) => routee.Cell.Post(new ControlMail(new Drain(routee.Cell)));
}
