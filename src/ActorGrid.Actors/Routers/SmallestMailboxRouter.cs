namespace ActorGrid.Actors;

/// <summary>The one with the least to do. Each search begins at another one, so that equals take turns.</summary>
internal sealed class SmallestMailboxRouter<TMessage> : PickingRouter<TMessage>
{
    private int _last = -1;

    protected override Routee<TMessage> Pick(Routee<TMessage>[] routees, TMessage message)
    {
        uint at = (uint)Interlocked.Increment(ref _last) % (uint)routees.Length;
        Routee<TMessage> best = routees[at];
        long least = long.MaxValue;
        for (int i = 0; i < routees.Length; i++)
        {
            Routee<TMessage> one = routees[at];
            long load = one.Load;
            if (load == 0) return one;
            if (load < least) (best, least) = (one, load);
            if (++at == routees.Length) at = 0;
        }

        return best;
    }
}
