namespace ActorGrid.Failover;

/// <summary>A thing that happens to a grid.</summary>
/// <param name="Name">What it is called on the command line.</param>
/// <param name="Title">What it does, in a line.</param>
/// <param name="Bar">What it is measured by.</param>
/// <param name="Play">Marks the moment and makes the fault, and ends when all of it has been done.</param>
internal sealed record Scenario(string Name, string Title, Bar Bar, Func<Stage, Task> Play)
{
    /// <summary>How long the load goes on after all has been done.</summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How much of the time after the fault is drawn.</summary>
    public TimeSpan Drawn { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether it cuts networks.</summary>
    public bool NeedsNetworks { get; init; }

    /// <summary>Whether it is about the server of the store.</summary>
    public bool NeedsServer { get; init; }

    public override string ToString() => Name;

    /// <summary>Why it cannot be played here, or null if it can.</summary>
    public string? WhyNot(StoreChoice store) =>
        store.WhyNot
        ?? (NeedsServer && store.Kind == StoreKind.Sqlite ? "SQLite has no server" : null)
        ?? (NeedsServer && store.Connection is not null ? "the server was given, so it is not ours to touch" : null)
        ?? (NeedsNetworks && store.Connection is not null ? "the server was given, so it is not on the networks that are made for a partition" : null)
        ?? (NeedsNetworks ? Networks.WhyNone : null);
}
