namespace ActorGrid.Persistence;

/// <summary>How a preflight is made. Immutable.</summary>
public sealed record PreflightOptions
{
    /// <summary>The most examples that the report holds of each finding. Default 5, from 0 to 1,000.</summary>
    public int ExamplesMax { get; init; } = 5;

    /// <summary>Events in one read. Two reads may be in memory at a time, beside one state and <see cref="EntitiesPerRead"/> snapshots: the beginnings of several histories, and the next
    /// part of one of them.</summary>
    internal int EventsPerRead { get; init; } = 4096;

    internal int EntitiesPerRead { get; init; } = 64;

    internal static void Check(PreflightOptions options)
    {
        if (options.ExamplesMax is < 0 or > 1000) throw new ArgumentException($"{nameof(ExamplesMax)} is {options.ExamplesMax}; allowed: 0 to 1,000.", nameof(options));
    }
}

/// <summary>How far a preflight has come.</summary>
/// <param name="EntityType">The entity type that is looked at.</param>
/// <param name="Entities">The entities so far, of all types.</param>
/// <param name="Events">The events so far, of all types.</param>
/// <param name="Faults">What was found so far, of all types and kinds.</param>
public sealed record PreflightProgress(string EntityType, long Entities, long Events, long Faults);
