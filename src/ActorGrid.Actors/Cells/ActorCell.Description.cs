namespace ActorGrid.Actors;

/// <summary>What can be seen of an actor from outside, by any thread at any time. Nothing is asked of the actor, so one that is stuck in its code can be described too.</summary>
internal abstract partial class ActorCell
{
    /// <summary>As far as a queue is counted.</summary>
    private const int QueueMax = 100_000;

    /// <summary>How often a queue that moves meanwhile is counted.</summary>
    private const int CountsMax = 4;

    /// <summary>The class that the user wrote; null if there is no instance.</summary>
    protected abstract Type? Class { get; }

    public ActorCell[] NamedThenOldestChildren(int most, out int count)
    {
        if (_extras?.Children is { } children) return children.NamedThenOldest(most, out count);
        count = 0;
        return [];
    }

    public ActorDescription Describe(int childCount, IReadOnlyList<ActorDescription> children)
    {
        ActorState state = State;
        CellExtras? extras = _extras;
        return new ActorDescription(Path, Class?.Name, state, CountQueue(), extras?.Stash?.Count ?? 0, extras?.Restarts ?? 0, childCount, children);
    }

    private ActorState State => _phase switch
    {
        CellPhase.Created or CellPhase.Starting => ActorState.Starting,
        CellPhase.Running => ActorState.Running,
        CellPhase.Handling => ActorState.Handling,
        CellPhase.Failed => ActorState.Suspended,
        CellPhase.Restarting => ActorState.Restarting,
        CellPhase.Stopping => ActorState.Stopping,
        _ => ActorState.Stopped,
    };

    /// <summary>Exact for an actor that takes no mail meanwhile, one that is stuck above all. A running one takes the links of the queue apart under the count, which then ends too early: so it is
    /// counted again, and the most is the answer.</summary>
    private int CountQueue()
    {
        int most = 0;
        for (int i = 0; i < CountsMax; i++)
        {
            Mail? batch = Volatile.Read(ref _batch);
            int waiting = Count(batch, QueueMax);
            if (batch is not null && _phase == CellPhase.Handling) waiting--;
            Mail? top = Volatile.Read(ref _top);
            if (top != Mail.Busy && top != Mail.Closed) waiting += Count(top, QueueMax - waiting);
            if (_extras?.Lanes is { } lanes) waiting += lanes.Count;
            most = Math.Max(most, waiting);
            if (Volatile.Read(ref _batch) == batch) break;
        }

        return most;
    }

    /// <summary>The bound also ends a walk that a queue being turned over has led in a circle.</summary>
    private static int Count(Mail? mail, int most)
    {
        int count = 0;
        for (; mail is not null && count < most; mail = Volatile.Read(ref mail.Next)) count++;
        return count;
    }
}
