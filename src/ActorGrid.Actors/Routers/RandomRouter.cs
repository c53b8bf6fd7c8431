namespace ActorGrid.Actors;

/// <summary>By chance. A number that counts up, well mixed, is as good as a generator here, and needs no lock.</summary>
internal sealed class RandomRouter<TMessage>(ulong seed) : PickingRouter<TMessage>
{
    private long _drawn;

    protected override Routee<TMessage> Pick(Routee<TMessage>[] routees, TMessage message)
    {
        ulong chance = StableHash.Mix(seed + (ulong)Interlocked.Increment(ref _drawn));
        return routees[(int)Math.BigMul(chance, (ulong)routees.Length, out _)];
    }
}
