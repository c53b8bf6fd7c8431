namespace ActorGrid.Persistence;

/// <summary>What was answered to a command, kept so that the same command gets the same answer.</summary>
/// <param name="Entity">The entity that answered.</param>
/// <param name="Command">The command.</param>
/// <param name="Kind">What kind of answer it is.</param>
/// <param name="Payload">The encoded reply, or the reason of the rejection as UTF-8.</param>
public sealed record ReplyRecord(EntityId Entity, CommandId Command, ReplyKind Kind, ReadOnlyMemory<byte> Payload);

/// <summary>The kinds of answers to a command. The numbers are stored: do not change them.</summary>
public enum ReplyKind
{
    /// <summary>The command was taken; the payload is its reply.</summary>
    Accepted = 0,

    /// <summary>The command was rejected; the payload is the reason.</summary>
    Rejected = 1,
}
