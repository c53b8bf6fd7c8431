using ActorGrid.Persistence;

namespace ActorGrid.PostgreSql;

/// <summary>What an append says of the histories of its entities.</summary>
internal static class Histories
{
    /// <summary>For each entity of an append the sequence number that its history must end with.</summary>
    public static Dictionary<EntityId, long> FirstsOf(ShardAppend append)
    {
        var firsts = new Dictionary<EntityId, long>();
        foreach (var e in append.Events) firsts.TryAdd(e.Entity, e.Sequence - 1);
        return firsts;
    }

    /// <summary>Whether the events of each entity follow on each other.</summary>
    public static bool AreWithoutGaps(ShardAppend append)
    {
        if (append.Events.Count < 2) return true;
        var last = new Dictionary<EntityId, long>();
        foreach (var e in append.Events)
        {
            if (last.TryGetValue(e.Entity, out long before) && e.Sequence != before + 1) return false;
            last[e.Entity] = e.Sequence;
        }
        return true;
    }

    /// <summary>Why an append contradicts what is stored, or null if it does not.</summary>
    /// <param name="append">The append.</param>
    /// <param name="stored">The last sequence number of each of its entities that has one.</param>
    /// <param name="replied">Those of its commands that have a reply.</param>
    public static string? ConflictOf(ShardAppend append, IReadOnlyDictionary<EntityId, long> stored, IReadOnlySet<(EntityId Entity, CommandId Command)> replied)
    {
        var last = new Dictionary<EntityId, long>();
        foreach (var e in append.Events)
        {
            if (!last.TryGetValue(e.Entity, out long before)) before = stored.GetValueOrDefault(e.Entity);
            if (e.Sequence != before + 1) return JournalConflicts.Sequence(e, before);
            last[e.Entity] = e.Sequence;
        }
        var commands = new HashSet<(EntityId, CommandId)>();
        foreach (var reply in append.Replies)
        {
            if (replied.Contains((reply.Entity, reply.Command)) || !commands.Add((reply.Entity, reply.Command))) return JournalConflicts.Reply(reply);
        }
        return null;
    }
}
