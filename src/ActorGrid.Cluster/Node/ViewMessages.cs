namespace ActorGrid.Cluster;

/// <summary>What the node's actor tells itself about views.</summary>
internal abstract record ViewMessage : INodeMessage;

/// <summary>The findings have changed, or time has passed: is there something to propose?</summary>
internal sealed record ConsiderNow : ViewMessage
{
    public static readonly ConsiderNow Instance = new();
}

/// <summary>The view is to be read from the store.</summary>
internal sealed record ReadNow : ViewMessage
{
    public static readonly ReadNow Instance = new();
}

/// <summary>The view was read from the store.</summary>
internal sealed record ViewRead(ClusterView? View, Exception? Error) : ViewMessage;

/// <summary>The leases were read from the store.</summary>
internal sealed record LeasesRead(Standing Standing, TimeSpan SentAt, IReadOnlyList<LeaseRow>? Rows, Exception? Error) : ViewMessage;

/// <summary>How a proposal has fared. With an error, nothing is known of it.</summary>
internal sealed record ViewWritten(Proposal Proposal, bool Won, Exception? Error) : ViewMessage;
