namespace ActorGrid.Actors;

/// <summary>The parent of a pool's routees. It is told of those that have stopped, and spawns and retires them as the size changes.</summary>
internal sealed class Pool<TMessage>(PoolState<TMessage> state, PoolOptions options, SpawnOptions? routeeOptions, bool isBySlot, Func<Actor<TMessage>> factory) : Actor<PoolMessage>
{
    protected override SupervisionStrategy Supervision => options.Supervision;

    protected override ValueTask OnStartAsync()
    {
        if (state.IsClosing)
        {
            // Restarted while its routees came to their end, which they now have.
            Context.StopSelf();
            return default;
        }

        // The first routees are there before the pool starts, so that the reference is good at once.
        foreach (Routee<TMessage> routee in state.Routees) Watch(routee);
        Grow();
        if (options.Resizing is { } resizing) Context.Timers.StartPeriodic(resizing, resizing.Interval, new PoolMessage.Look());
        return default;
    }

    protected override ValueTask OnMessageAsync(PoolMessage message)
    {
        switch (message)
        {
            case PoolMessage.Gone gone:
                state.Forget(gone.Routee);
                break;
            case PoolMessage.Resize resize when !state.IsClosing:
                Resize(resize.Routees);
                break;
            case PoolMessage.Retire retire:
                LetEnd(retire.Routee);
                break;
            case PoolMessage.Close:
                state.IsClosing = true;
                state.Retire(state.Routees);
                foreach (Routee<TMessage> routee in state.Retiring) LetEnd(routee.Ref);
                break;
            case PoolMessage.Look when !state.IsClosing:
                Look(options.Resizing!);
                break;
        }

        if (state.IsClosing && state.Retiring.Count == 0) Context.StopSelf();
        return default;
    }

    /// <summary>The default of a restart, too: by then all routees have stopped.</summary>
    protected override ValueTask OnStopAsync()
    {
        state.Clear();
        return default;
    }

    private void Resize(int routees)
    {
        state.Wanted = routees;
        // Those with the highest slots go, so that keys and weights of the others stay as they are.
        if (routees < state.Routees.Length) Retire(state.Routees[routees..]);
        else Grow();
    }

    private void Look(PoolResizing resizing)
    {
        Routee<TMessage>[] now = state.Routees;
        // Those that can still be taken back are no burden to growth: it takes them first.
        int ending = state.Retiring.Count(one => !Context.Timers.IsRunning(one));
        int wanted = resizing.Decide(now.Length, ending, now.Sum(one => (long)one.Waiting), now.Count(one => one.IsSpare));
        if (wanted >= now.Length)
        {
            Resize(wanted);
            return;
        }

        // Nobody has asked for a shorter pool: whoever has something to do is left to it. Where the slot means something, a gap in the middle would move what the others have.
        IEnumerable<Routee<TMessage>> fromTop = Enumerable.Reverse(now);
        IEnumerable<Routee<TMessage>> spare = isBySlot ? fromTop.TakeWhile(one => one.IsSpare) : fromTop.Where(one => one.IsSpare);
        Routee<TMessage>[] leaving = [.. spare.Take(now.Length - wanted)];
        state.Wanted = now.Length - leaving.Length;
        Retire(leaving);
    }

    private void Retire(Routee<TMessage>[] leaving)
    {
        state.Retire(leaving);
        foreach (Routee<TMessage> routee in leaving) Context.Timers.StartOnce(routee, options.BeforeRetiring, new PoolMessage.Retire(routee.Ref));
    }

    private void Grow()
    {
        foreach (Routee<TMessage> routee in state.Retiring.OrderBy(one => one.Slot).ToArray())
        {
            if (state.Routees.Length >= state.Wanted) return;
            // As long as the timer runs it has not been told to end, and once the timer is cancelled it will not be.
            if (Context.Timers.Cancel(routee)) state.TakeBack(routee);
        }

        foreach (Routee<TMessage> routee in state.Fill(() => Context.Spawn(factory, name: null, routeeOptions))) Watch(routee);
    }

    private void Watch(Routee<TMessage> routee) => Context.Watch(routee.Ref, new PoolMessage.Gone(routee.Ref));

    /// <summary>Stops it after what is in its mailbox.</summary>
    private static void LetEnd(ActorRef routee) => routee.Cell.Post(new ControlMail(new Drain(routee.Cell)));
}
