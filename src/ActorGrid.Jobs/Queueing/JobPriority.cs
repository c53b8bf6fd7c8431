namespace ActorGrid.Jobs;

/// <summary>How urgent a job is beside others. On each node work of a higher priority goes first; but of ten pieces that it gives out at least one is of each priority that has any.</summary>
public enum JobPriority
{
    /// <summary>When nothing else is to be done.</summary>
    Low = -1,

    /// <summary>As any other.</summary>
    Normal = 0,

    /// <summary>Before the others.</summary>
    High = 1,
}
