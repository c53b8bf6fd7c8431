namespace ActorGrid.Actors;

/// <summary>One of those among whom a router chooses.</summary>
internal sealed class Routee<TMessage>(ActorRef<TMessage> actor, int slot)
{
    private readonly MailboxBound? _count = actor.Cell.Bound;

    public ActorRef<TMessage> Ref { get; } = actor;

    /// <summary>Its place in the order. It keeps it, whoever comes or goes, so that weight and keys stay with it; a place that has become free is filled first.</summary>
    public int Slot { get; } = slot;

    /// <summary>What it bids for keys with.</summary>
    public ulong Seed { get; } = StableHash.Mix((ulong)slot);

    /// <summary>Whether it is known how many messages wait.</summary>
    public bool IsCounted => _count is not null;

    /// <summary>How many messages wait. Only where they are counted.</summary>
    public int Waiting => _count!.Taken;

    public bool IsIdle => Ref.Cell.IsIdle;
}
