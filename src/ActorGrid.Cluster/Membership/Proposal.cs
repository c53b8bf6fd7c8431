using System.Collections.Immutable;

namespace ActorGrid.Cluster;

/// <summary>A change of the view that a node proposes, complete with all that was pending.</summary>
/// <param name="Next">The successor of the view it was planned on.</param>
/// <param name="Revocations">The leases to revoke in the same commit.</param>
/// <param name="Wait">How long to give those ranked before the node; zero: none. If the view is still the same then, plan again and write.</param>
/// <param name="Reasons">What changes and why, a sentence for each change; at most <see cref="ReasonsMax"/>.</param>
internal sealed record Proposal(ClusterView Next, ImmutableArray<Revocation> Revocations, TimeSpan Wait, ImmutableArray<string> Reasons)
{
    /// <summary>The most reasons that are told.</summary>
    public const int ReasonsMax = 32;

    public override string ToString() => string.Join(' ', Reasons);
}
