namespace ActorGrid.Actors;

/// <summary>Rendezvous hashing: each routee bids for the key with a hash of both, and the highest bid has it.</summary>
internal sealed class ConsistentHashRouter<TMessage>(Func<TMessage, ulong> hashOfKey) : PickingRouter<TMessage>
{
    protected override Routee<TMessage> Pick(Routee<TMessage>[] routees, TMessage message)
    {
        ulong key = hashOfKey(message);
        Routee<TMessage> best = routees[0];
        ulong highest = 0;
        foreach (Routee<TMessage> routee in routees)
        {
            ulong bid = StableHash.Mix(routee.Seed ^ key);
            if (bid > highest) (best, highest) = (routee, bid);
        }

        return best;
    }
}
