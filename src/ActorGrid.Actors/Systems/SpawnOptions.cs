namespace ActorGrid.Actors;

/// <summary>How an actor differs from the plain one.</summary>
public sealed record SpawnOptions
{
    internal const int StashCapacityDefault = 1000;

    /// <summary>Where the actor runs. Default: the system's dispatcher. Whoever made the dispatcher disposes it, after the system has stopped.</summary>
    public Dispatcher? Dispatcher { get; init; }

    /// <summary>How many messages the mailbox holds, from 1; the one that is being handled is not counted. Default: null, no bound. Signals, timers, watches, and what is piped to oneself
    /// always get in.</summary>
    public int? MailboxCapacity
    {
        get;
        init => field = value is null or >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, $"{nameof(MailboxCapacity)} must be 1 or more.");
    }

    /// <summary>What happens to a message for which there is no room. Default: <see cref="MailboxOverflow.DropNewest"/>.</summary>
    public MailboxOverflow Overflow { get; init; }

    /// <summary>Names a group of siblings. Where the parent decides for all of them (<see cref="SupervisionScope.AllForOne"/>), the verdict concerns those of the failed child's group alone.
    /// Children without one are a group, too. Default: null, none.</summary>
    public string? Group { get; init; }

    /// <summary>How many messages the stash holds, from 1. Default 1,000.</summary>
    public int StashCapacity
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, $"{nameof(StashCapacity)} must be 1 or more.");
    } = StashCapacityDefault;

    /// <summary>Whether what waits in the mailbox is counted though it has no bound.</summary>
    internal bool IsCounted { get; init; }
}
