namespace ActorGrid.Actors;

/// <summary>What few actors have, kept apart so that the others stay small.</summary>
internal sealed class CellExtras
{
    public string? Name;

    /// <summary>Of the siblings with which it is restarted or stopped.</summary>
    public string? Group;
    public Children? Children;
    public List<IWatcher>? Watchers;
    public Dictionary<ActorRef, Watch>? Watching;
    public ActorTimers? Timers;
    public List<Mail>? Stash;
    public int StashCapacity;
    public MailboxBound? Bound;

    /// <summary>What waits in a priority mailbox, and has been taken from the cell's own word.</summary>
    public MailLanes? Lanes;
    public PendingOperation? Pending;
    public Queue<Signal>? Deferred;

    /// <summary>How many new instances there were.</summary>
    public int Restarts;

    /// <summary>Why the restart under way was ordered.</summary>
    public Exception? RestartReason;

    /// <summary>Children whose failure was escalated: they share the verdict on this actor.</summary>
    public List<ActorCell>? Escalated;

    /// <summary>Belongs to the parent's turn.</summary>
    public RestartHistory History = RestartHistory.Empty;
}
