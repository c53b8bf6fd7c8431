namespace ActorGrid.Actors;

/// <summary>A router's own actor, for routees that were given: it leaves out those that have stopped.</summary>
internal sealed class GivenRoutees<TMessage>(RouterRef<TMessage> router, Routee<TMessage>[] given) : Actor<ActorRef>
{
    protected override ValueTask OnStartAsync()
    {
        router.Routees = given;
        foreach (Routee<TMessage> routee in given) Context.Watch(routee.Ref, routee.Ref);
        return default;
    }

    protected override ValueTask OnMessageAsync(ActorRef message)
    {
        router.LeaveOut(message);
        return default;
    }

    protected override ValueTask OnStopAsync()
    {
        router.Routees = [];
        return default;
    }
}
