namespace ActorGrid.Cluster;

/// <summary>Judges what one node has found out, and plans the next view from it. Pure: it keeps nothing and asks nobody.</summary>
internal static partial class Planner
{
    /// <summary>All that is to be changed in the view as far as this node can tell, in one proposal; null: nothing.</summary>
    /// <param name="view">The newest view that the node knows.</param>
    /// <param name="findings">What the node has found out.</param>
    /// <param name="strategy">Which member should own which shard.</param>
    /// <param name="limits">Times and bounds.</param>
    /// <param name="now">The time by the clock of the findings.</param>
    public static Proposal? Plan(ClusterView view, Findings findings, IAllocationStrategy strategy, MembershipLimits limits, TimeSpan now) => null;

    /// <summary>How many members Up would propose before this one; 0: it goes first. A stable hash orders them anew for each subject and version.</summary>
    /// <param name="view">The view that the proposal rests on.</param>
    /// <param name="self">The proposer.</param>
    /// <param name="subject">What it is about: the incarnation of a member, or empty.</param>
    public static int Rank(ClusterView view, Guid self, Guid subject) => 0;

    /// <summary>Whether the lease rows have to be read for a judgement: somebody is out of reach, refused or does not renew, or a revoked lease is not settled.</summary>
    public static bool WantsLeases(ClusterView view, Findings findings, MembershipLimits limits, TimeSpan now) => false;

    /// <summary>Whether a revoked lease is certainly trusted by nobody any more, so that its shards may be served.</summary>
    /// <param name="finding">What the node sees of its holder.</param>
    /// <param name="row">Its row, read after it was revoked; null if not known.</param>
    /// <param name="limits">Times and bounds.</param>
    /// <param name="now">The time by the clock of the finding.</param>
    public static bool HasEnded(PeerFinding finding, LeaseRow? row, MembershipLimits limits, TimeSpan now) => false;

    /// <summary>Why a member can never join this grid as it is set up, and what to do; null: it can.</summary>
    public static string? FaultOfJoin(ClusterView view, Findings findings) => null;
}
