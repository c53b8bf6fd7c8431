namespace ActorGrid.Persistence;

/// <summary>What was answered to a command, kept so that the same command gets the same answer.</summary>
/// <param name="Entity">The entity that answered.</param>
/// <param name="Command">The command.</param>
/// <param name="Kind">What kind of answer it is.</param>
/// <param name="Payload">The name of the command and a line feed, and then the encoded reply, or the reason of the rejection or failure as UTF-8.</param>
public sealed record ReplyRecord(EntityId Entity, CommandId Command, ReplyKind Kind, ReadOnlyMemory<byte> Payload);

/// <summary>What a look for a reply has found.</summary>
/// <param name="Reply">The reply, or null if there is none.</param>
/// <param name="RepliesForgottenBeforeUnixMs">Replies to commands issued before this time may have been forgotten, by any node; 0 if none
/// ever were.</param>
public readonly record struct ReplyLookUp(ReplyRecord? Reply, long RepliesForgottenBeforeUnixMs);

/// <summary>The kinds of answers to a command. The numbers are stored: do not change them.</summary>
public enum ReplyKind
{
    /// <summary>The command was taken; the payload is its reply.</summary>
    Accepted = 0,

    /// <summary>The command was rejected; the payload is the reason.</summary>
    Rejected = 1,

    /// <summary>Its handler threw, and it may have been sent more than once; the payload is the reason.</summary>
    Failed = 2,
}
