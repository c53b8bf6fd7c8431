namespace ActorGrid.Persistence;

/// <summary>What a store finds out itself when it writes the rows of an archive, in the same words for all.</summary>
internal static class ArchiveRefusal
{
    /// <summary>The grid that the rows were to be written into holds something.</summary>
    public static StoreException NotEmpty(string store, string what) =>
        new($"{store} is not empty: there are {what} in it. An archive is written into a grid that has never been used; name another place. Nothing was written.", isTransient: false);

    /// <summary>A snapshot rests on nothing.</summary>
    public static InvalidDataException NoEvent(SnapshotRecord snapshot) =>
        new(FormattableString.Invariant($"the snapshot of {snapshot.Entity} rests on event {snapshot.Sequence} of the epoch {snapshot.Epoch}, which is not there."));

    /// <summary>An entity has events in two shards, which go on from each other in neither.</summary>
    public static InvalidDataException Twice(JournalEvent e) => new(FormattableString.Invariant($"event {e.Sequence} of {e.Entity} is there twice, in two shards."));
}
