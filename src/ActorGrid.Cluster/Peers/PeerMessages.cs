using System.Collections.Immutable;

namespace ActorGrid.Cluster;

/// <summary>What the actor of the links understands.</summary>
internal interface IPeerMessage;

/// <summary>A link has opened, dialled by either side.</summary>
internal sealed record LinkUp(ILink Link) : IPeerMessage;

/// <summary>A link has closed.</summary>
internal sealed record LinkDown(ILink Link) : IPeerMessage;

/// <summary>An endpoint could not be dialled.</summary>
internal sealed record DialFailed(string Endpoint, DialFailure Failure) : IPeerMessage;

/// <summary>A peer lives.</summary>
internal sealed record HeartbeatCame(ILink Link, Heartbeat Beat) : IPeerMessage;

/// <summary>A peer has sent what is no message; its link was closed.</summary>
internal sealed record Malformed(ILink Link, Exception Fault) : IPeerMessage;

/// <summary>The members have changed. From the node's actor.</summary>
internal sealed record MembersChanged(ClusterView View) : IPeerMessage;

/// <summary>The node's lease was renewed: the others are told with the next heartbeat, which is now. From the node's actor.</summary>
internal sealed record LeaseNumberChanged : IPeerMessage
{
    public static readonly LeaseNumberChanged Instance = new();
}

/// <summary>What the node sees of the members, each time that it has changed. From the actor of the links.</summary>
internal sealed record PeersSeen(Standing Standing, ImmutableArray<PeerSight> Sights) : INodeMessage;

/// <summary>The number of a peer's lease, as it has said itself. From the actor of the links, for each number once.</summary>
internal sealed record LeaseNumberSeen(Standing Standing, Guid Peer, long Number) : INodeMessage;

/// <summary>A peer has a newer view. From the actor of the links.</summary>
internal sealed record NewerViewSeen(Standing Standing, ILink Link, long Version) : INodeMessage;

/// <summary>What this node sees of a member.</summary>
/// <param name="Incarnation">The member.</param>
/// <param name="IsReachable">Whether each has heard the other lately.</param>
/// <param name="Since">Since when, as a timestamp of this node's clock.</param>
/// <param name="IsRefused">Whether nobody listens any more at its address, where this node has once found it, or another incarnation does.</param>
internal readonly record struct PeerSight(Guid Incarnation, bool IsReachable, long Since, bool IsRefused);
