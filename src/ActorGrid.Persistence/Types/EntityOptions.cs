namespace ActorGrid.Persistence;

/// <summary>How the entities of one type are kept. Immutable.</summary>
public record EntityOptions
{
    /// <summary>
    /// A snapshot is saved after so many events since the last one. Default 100, from 1. Few events make recovery short; a large state that
    /// changes often wants more.
    /// </summary>
    public int SnapshotEvery { get; init; } = 100;

    /// <summary>An entity that nobody asked for this long leaves memory; it is recovered when it is asked again. Default 2 minutes, above
    /// 0.</summary>
    public TimeSpan PassivateAfter { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// The role of the nodes that these entities live on; empty, which is the default: any. It is fixed when the type is first used in a
    /// grid, since the journal is laid out by it. A grid of one node without a cluster has no roles.
    /// </summary>
    public string Role { get; init; } = "";

    /// <summary>
    /// The keys of entities that are in memory, recovered, for as long as a node owns their shard, without anybody asking for them:
    /// singletons. None by default; at most 1,000. A node that is cut off may for a while not know that another has taken over: what the
    /// entity persists is safe from that, what its hooks do elsewhere is not.
    /// </summary>
    public IReadOnlyList<string> AlwaysActive { get; init; } = [];

    /// <summary>
    /// Called for each entity in memory whose shard has left this node, so that what was started on its behalf is given up; null by
    /// default. One that stays active counts as in memory while it is read again, too. It runs on the turn of the shard and must not wait; what it throws is logged and changes nothing. It is called when the
    /// node stops, too; one that dies calls nothing.
    /// </summary>
    public Action<EntityId>? OnLeft { get; init; }

    /// <summary>
    /// Holds a key for each entity; all that the entity stores from now on is encrypted with it: its events, snapshots, recorded replies, reminders and attachments, and its state on the way to another
    /// node. Who destroys the key has the entity forgotten (<see cref="ForgetEntity{TEntity}"/>). Null, which is the default: nothing is encrypted.
    /// </summary>
    /// <remarks>What was stored in clear before is still read. A type that was encrypted once needs its key store for as long as anything encrypted is to be read.</remarks>
    public IEntityKeyStore? Keys { get; init; }

    /// <summary>
    /// Events below a snapshot of their entity are removed from the store, in the background, once they are as old as this. Null, which is the default: never; from zero. What a subscription of the grid is not done
    /// with stays, and so does everything of an entity that nobody asks: it is looked at after a snapshot was saved, and after a recovery from one.
    /// </summary>
    /// <remarks>From then on the snapshot is all that tells what the removed events added up to: the state has to stay readable for all code to come. A snapshot that does not come back as it went is not saved. To be set once all nodes run a
    /// version that knows it.</remarks>
    public TimeSpan? RemoveEventsAfter { get; init; }

    internal const int AlwaysActiveMax = 1000;

    internal static void Check(EntityOptions options, string typeName)
    {
        if (options.SnapshotEvery < 1)
        {
            throw new ArgumentException($"{nameof(SnapshotEvery)} of '{typeName}' is {options.SnapshotEvery}: it must be at least 1.", nameof(options));
        }
        if (options.PassivateAfter <= TimeSpan.Zero)
        {
            throw new ArgumentException($"{nameof(PassivateAfter)} of '{typeName}' is {options.PassivateAfter}: it must be above zero.", nameof(options));
        }
        if (options.RemoveEventsAfter < TimeSpan.Zero)
        {
            throw new ArgumentException($"{nameof(RemoveEventsAfter)} of '{typeName}' is {options.RemoveEventsAfter}: it must be zero or above, or null if events are to be kept for ever.", nameof(options));
        }
        // A role is a name like that of a type.
        if (options.Role.Length > 0) EntityId.CheckType(options.Role);
        if (options.AlwaysActive.Count > AlwaysActiveMax)
        {
            throw new ArgumentException(
                $"{nameof(AlwaysActive)} of '{typeName}' names {options.AlwaysActive.Count} entities; at most {AlwaysActiveMax} are allowed: "
                + "let others say ThenStayActive().",
                nameof(options));
        }
        foreach (string key in options.AlwaysActive) EntityId.CheckKey(key);
    }
}

/// <summary>How the entities of one type are kept, with a hook that sees their states.</summary>
/// <typeparam name="TState">The state of the entities.</typeparam>
public sealed record EntityOptions<TState> : EntityOptions
    where TState : notnull
{
    /// <summary>
    /// Called with the durable state of an entity each time that a commit has changed it, and once after its recovery; null by default. It
    /// runs on the turn of the entity's shard and must not wait; what it throws is logged and changes nothing.
    /// </summary>
    public Action<EntityId, TState>? OnDurable { get; init; }
}
