using System.Collections.Immutable;

namespace ActorGrid.Cluster;

/// <summary>What the actor of the lease understands.</summary>
internal interface ILeaseMessage;

/// <summary>Whom the holder cannot reach both ways, from now on. From the node's actor.</summary>
/// <param name="Suspects">Whom.</param>
/// <param name="IsCutOff">They are more than half of the others: so the holder is about to be declared dead.</param>
internal sealed record SuspectsChanged(ImmutableArray<Guid> Suspects, bool IsCutOff) : ILeaseMessage;

/// <summary>How a renewal has ended. From the actor of the lease.</summary>
internal sealed record LeaseRenewed(Standing Standing, LeaseRenewal Renewal) : INodeMessage;
