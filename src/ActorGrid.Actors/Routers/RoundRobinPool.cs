namespace ActorGrid.Actors;

/// <summary>The parent of a pool's routees. It is told of routees that have stopped.</summary>
internal sealed class RoundRobinPool<TMessage>(RoundRobinRef<TMessage> router, PoolOptions options, Func<Actor<TMessage>> factory) : Actor<ActorRef<TMessage>>
{
    protected override SupervisionStrategy Supervision => options.Supervision;

    protected override ValueTask OnStartAsync()
    {
        // The first routees are there before the pool starts, so that the reference is good at once.
        if (router.Routees.Length == 0)
            router.Routees = [.. Enumerable.Range(0, options.Routees).Select(_ => Context.Spawn(factory, name: null, options.Routee))];
        foreach (ActorRef<TMessage> routee in router.Routees) Context.Watch(routee, routee);
        return default;
    }

    protected override ValueTask OnMessageAsync(ActorRef<TMessage> message)
    {
        router.Routees = [.. router.Routees.Where(r => r != message)];
        return default;
    }

    protected override ValueTask OnStopAsync()
    {
        router.Routees = [];
        return default;
    }
}
