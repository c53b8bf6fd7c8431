using System.Globalization;

namespace ActorGrid.Persistence;

/// <summary>The words for an append that contradicts what is stored: a fault of the writer, which no repetition cures.</summary>
public static class JournalConflicts
{
    /// <summary>An event that does not follow on the last one stored.</summary>
    public static string Sequence(JournalEvent e, long lastSequence) => string.Create(
        CultureInfo.InvariantCulture,
        $"Event {e.Sequence} of {e.Entity} does not follow on the last one stored, {lastSequence}. Recover the entity again before writing.");

    /// <summary>A reply to a command that has one.</summary>
    public static string Reply(ReplyRecord reply) =>
        $"Command {reply.Command} of {reply.Entity} has a recorded reply already. Recover the entity again before writing.";
}
