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

    /// <summary>How much it has to do, where that is counted: nothing; else the message at hand, which counts for less than one that waits. Who has stopped is the last choice.</summary>
    public long Load => Ref.Cell.Activity switch
    {
        CellActivity.Idle => 2L * Waiting,
        CellActivity.Busy => (2L * Waiting) + 1,
        _ => long.MaxValue,
    };

    /// <summary>Whether nothing is lost that was sent to it if it goes: it does nothing, and has put nothing aside.</summary>
    public bool IsSpare => Ref.Cell.Activity == CellActivity.Idle && !Ref.Cell.HasStash;
}
