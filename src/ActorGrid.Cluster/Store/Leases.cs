using System.Collections.Immutable;

namespace ActorGrid.Cluster;

/// <summary>How a renewal ended.</summary>
/// <param name="Number">The number that the lease has now.</param>
/// <param name="ViewVersion">The version of the view in the same commit: the holder answers nobody before its own view is as new.</param>
/// <param name="IsRevoked">The lease was revoked, has ended, or there is none: it was not renewed.</param>
public readonly record struct LeaseRenewal(long Number, long ViewVersion, bool IsRevoked);

/// <summary>A lease as the store holds it.</summary>
/// <param name="Incarnation">The holder.</param>
/// <param name="Number">Counts its renewals.</param>
/// <param name="Suspects">Whom the holder could not reach when it renewed last.</param>
/// <param name="IsRevoked">Whether it was revoked.</param>
/// <param name="HasEnded">Whether its holder has said that it trusts it no more.</param>
/// <param name="IsPresent">Whether the connection that it was opened on is still there, as far as the store knows: false is a witness that the process has
/// gone, true is no witness for anything.</param>
public sealed record LeaseRow(Guid Incarnation, long Number, ImmutableArray<Guid> Suspects, bool IsRevoked, bool HasEnded, bool IsPresent);

/// <summary>Asks for a lease to be revoked.</summary>
/// <param name="Incarnation">The holder.</param>
/// <param name="ExpectedNumber">The number that it must still have, or nothing is written; null: any.</param>
public readonly record struct Revocation(Guid Incarnation, long? ExpectedNumber);
