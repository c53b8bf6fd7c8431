using ActorGrid.Persistence;

namespace ActorGrid.Cluster;

/// <summary>What the node's actor understands.</summary>
internal interface INodeMessage;

/// <summary>What the steward of the shards understands.</summary>
internal interface IStewardMessage;

/// <summary>What the router's actor understands.</summary>
internal interface IRouterMessage;

/// <summary>The node has learned of a newer view, which its standing shows already; also the first of an incarnation. From the node's actor. Several changes
/// may come as one.</summary>
internal sealed record ViewChanged(Standing Standing, ClusterView View) : IStewardMessage, IRouterMessage;

/// <summary>The incarnation is over: nothing of it is answered any more. From the node's actor.</summary>
internal sealed record StandingOver(Standing Standing, string Why) : IStewardMessage, IRouterMessage;

/// <summary>The holder of a revoked lease trusts it no more, by this node's clock or by its own word. From the node's actor, for each lease in the view's list of
/// revoked ones, once; it comes after the <see cref="ViewChanged"/> with that list.</summary>
internal sealed record LeaseEnded(Standing Standing, Guid Incarnation) : IStewardMessage;

/// <summary>There is a link to a peer that there was none to. From the actor of the links; <see cref="Cluster.Standing.Links"/> shows it already.</summary>
internal sealed record LinkOpened(Standing Standing, Guid Peer) : INodeMessage, IRouterMessage;

/// <summary>There is no link to that peer any more: what was sent and not answered may be lost.</summary>
internal sealed record LinkClosed(Standing Standing, Guid Peer) : INodeMessage, IRouterMessage;

/// <summary>A message that a peer has sent, decoded; its memory is its own. To the node: <see cref="ViewWanted"/>, <see cref="ViewGiven"/>; to the
/// steward: <see cref="HandoverSent"/>. <see cref="AskSent"/> and <see cref="AskAnswered"/> are handed to the router on the transport's thread, as
/// <c>ClusterRouter.Receive(Standing, ILink, WireMessage)</c>, in the order in which they came on the link.</summary>
internal sealed record FromPeer(Standing Standing, ILink Link, WireMessage Message) : INodeMessage, IStewardMessage, IRouterMessage;

/// <summary>From the steward: the shard is to be released (<c>ClusterView.IsToBeReleased</c>), takes no commands any more in this term, and has finished those
/// that it had. The node proposes the release; the steward serves again only after a view in which the shard is not to be released and this node still owns
/// it. It holds for that version of the view only, and is told anew with each later one: in between the move may have been cancelled, and the shard served again.</summary>
internal sealed record ShardReady(Standing Standing, ShardId Shard, long Term, long ViewVersion) : INodeMessage;

/// <summary>From the steward: a shard has stopped on a defect again and again. It goes on being opened, at growing intervals; the node counts and tells
/// it.</summary>
internal sealed record ShardDefect(Standing Standing, ShardId Shard, Exception Reason) : INodeMessage;
