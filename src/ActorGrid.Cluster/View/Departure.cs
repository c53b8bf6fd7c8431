namespace ActorGrid.Cluster;

/// <summary>A member that is one no more.</summary>
/// <param name="Incarnation">Who it was.</param>
/// <param name="Name">What people call the node.</param>
/// <param name="Endpoint">Where it was reached.</param>
/// <param name="Cause">Why it is no member any more.</param>
/// <param name="Version">The version of the first view without it.</param>
public sealed record Departure(Guid Incarnation, string Name, string Endpoint, DepartureCause Cause, long Version);

/// <summary>Why a member is one no more.</summary>
public enum DepartureCause
{
    /// <summary>It gave its shards away and left.</summary>
    Left,

    /// <summary>Its process has gone, on two witnesses: its address refused or was somebody else's, and the store had seen it go.</summary>
    Gone,

    /// <summary>Its lease ran out.</summary>
    Expired,

    /// <summary>It renewed its lease, but the larger part of the members could not reach it.</summary>
    Silent,
}
