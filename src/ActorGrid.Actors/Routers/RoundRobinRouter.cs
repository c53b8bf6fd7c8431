namespace ActorGrid.Actors;

/// <summary>One after another.</summary>
internal class RoundRobinRouter<TMessage> : PickingRouter<TMessage>
{
    private int _last = -1;

    protected sealed override Routee<TMessage> Pick(Routee<TMessage>[] routees, TMessage message) =>
        routees[(uint)Interlocked.Increment(ref _last) % (uint)routees.Length];
}
