namespace ActorGrid.Persistence;

/// <summary>How long a node waits for its key stores, whatever it asks them for.</summary>
internal static class KeyPatience
{
    /// <summary>What a key store is given for an answer.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <summary>What whoever waits is told when it is over.</summary>
    public static TimeoutException Over(EntityId entity, Exception? cause = null) => new($"The key store has not answered for {entity} within {Longest.TotalSeconds:N0} s.", cause);
}
