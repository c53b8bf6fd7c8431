using System.Diagnostics;
using ActorGrid.Persistence;

namespace ActorGrid.Cluster;

/// <summary>What nodes say to each other.</summary>
internal abstract record WireMessage;

/// <summary>I live.</summary>
/// <param name="ViewVersion">The version of the sender's view.</param>
/// <param name="LeaseNumber">The number of the sender's last renewal, which the receiver learns with this; 0: none.</param>
/// <param name="HearsYou">Whether the sender has heard the receiver lately.</param>
internal sealed record Heartbeat(long ViewVersion, long LeaseNumber, bool HearsYou) : WireMessage;

/// <summary>Asks for the view, if the receiver has a newer one.</summary>
internal sealed record ViewWanted(long HaveVersion) : WireMessage;

/// <summary>The view, or what has changed since the one that the receiver has.</summary>
internal sealed record ViewGiven(ReadOnlyMemory<byte> Encoded) : WireMessage;

/// <summary>An ask of an entity.</summary>
/// <param name="Request">A number that the sender chose, for the answer.</param>
/// <param name="Entity">The entity.</param>
/// <param name="Command">The name of its handler.</param>
/// <param name="Payload">The command, encoded.</param>
/// <param name="Id">The id of the command.</param>
/// <param name="RemainingMs">How long the caller still waits when it is sent.</param>
/// <param name="Relays">How many nodes may pass it on.</param>
/// <param name="MayRunTwice">Whether an attempt of it that was lost may still be executed, after this one.</param>
/// <param name="Span">The span of the ask, as W3C Trace Context identifies it; none: it has none.</param>
internal sealed record AskSent(
    long Request, EntityId Entity, string Command, ReadOnlyMemory<byte> Payload, CommandId Id, int RemainingMs, byte Relays, bool MayRunTwice,
    ActivityContext Span = default) : WireMessage;

/// <summary>What became of an ask.</summary>
/// <param name="Request">Its number.</param>
/// <param name="Status">How it ended.</param>
/// <param name="Payload">The encoded reply, or what the error says.</param>
/// <param name="ViewVersion">The version of the sender's view.</param>
internal sealed record AskAnswered(long Request, AskStatus Status, ReadOnlyMemory<byte> Payload, long ViewVersion) : WireMessage;

/// <summary>A piece of the durable states of a shard on their way to its next owner.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="Term">The term of the next owner.</param>
/// <param name="Offset">The offset of the shard's last event: the states are good only if it is still the last one when the fence is raised; -1:
/// there are none.</param>
/// <param name="Position">How many bytes of the states come before this piece: when a link takes the place of another, pieces between may be lost.</param>
/// <param name="IsLast">Whether no piece follows: the states end where this piece ends.</param>
/// <param name="Payload">The states.</param>
internal sealed record HandoverSent(ShardId Shard, long Term, long Offset, int Position, bool IsLast, ReadOnlyMemory<byte> Payload) : WireMessage;

/// <summary>A message of a service on top of the cluster (jobs, topics) to the same service of another node.</summary>
internal sealed record ServiceSent(string Service, ReadOnlyMemory<byte> Payload) : WireMessage;
