namespace ActorGrid.Cluster;

/// <summary>What the node's actor tells itself about the beginning and the end of its incarnations.</summary>
internal abstract record LifeMessage : INodeMessage;

/// <summary>The lease of a new incarnation is there, and the view was read.</summary>
internal sealed record LeaseOpened(Guid Incarnation, ClusterView? View, Exception? Error) : LifeMessage;

/// <summary>The lease is to be opened again, since it is not known to be.</summary>
internal sealed record OpenAgain(Guid Incarnation) : LifeMessage;

/// <summary>The pause between two incarnations is over.</summary>
internal sealed record BeginAgain : LifeMessage
{
    public static readonly BeginAgain Instance = new();
}

/// <summary>It is time to look whether the incarnation is still not Up.</summary>
internal sealed record StillJoining(Standing Standing) : LifeMessage;

/// <summary>A client is to look whether it reaches any node.</summary>
internal sealed record LookForNodes(Standing Standing) : LifeMessage;

/// <summary>A part has stopped. If nobody has told it to, it has failed.</summary>
internal sealed record PartStopped(Standing Standing, string Part) : LifeMessage;

/// <summary>All parts of an incarnation have stopped: nobody is answered by it any more.</summary>
/// <param name="Standing">The incarnation.</param>
/// <param name="Pause">How long until the next; null: there is none.</param>
/// <param name="Defect">What has ended it; null: nothing of its own.</param>
internal sealed record PartsStopped(Standing Standing, TimeSpan? Pause, Exception? Defect) : LifeMessage;

/// <summary>The lease of an incarnation that is over.</summary>
/// <param name="Incarnation">The incarnation.</param>
/// <param name="Attempts">How often it was tried in vain.</param>
/// <param name="IsLast">Whether the node stops with it.</param>
internal sealed record LeaseToEnd(Guid Incarnation, int Attempts, bool IsLast) : LifeMessage;

/// <summary>How the attempt to end a lease has ended.</summary>
internal sealed record LeaseClosed(LeaseToEnd Lease, Exception? Error) : LifeMessage;

/// <summary>The node is to leave and to stop; in a hurry, without waiting for anybody to take over from it.</summary>
internal sealed record LeaveNow(bool InHurry) : LifeMessage;
