namespace ActorGrid.Simulation;

/// <summary>What a run has seen, so that we know that it was not idle.</summary>
internal sealed record Coverage
{
    public int Asks { get; init; }

    public int Acknowledged { get; init; }

    public int Unknown { get; init; }

    public int Faults { get; init; }

    /// <summary>Results of jobs that were seen.</summary>
    public int Jobs { get; init; }

    /// <summary>Messages of a topic that arrived.</summary>
    public int Messages { get; init; }

    /// <summary>How often the singleton became active.</summary>
    public int Activations { get; init; }

    /// <summary>Shards that went to a newer version of the application.</summary>
    public int Upgrades { get; init; }

    /// <summary>Events that the subscription was given.</summary>
    public int Events { get; init; }

    /// <summary>How often it was given one again.</summary>
    public int Repetitions { get; init; }

    /// <summary>How often somebody was told that an entity is quarantined.</summary>
    public int Quarantined { get; init; }

    /// <summary>Repairs that are recorded.</summary>
    public int Repairs { get; init; }

    /// <summary>Events that were removed below snapshots.</summary>
    public int Removed { get; init; }

    public int HandOffs { get; init; }

    public int TakeOvers { get; init; }

    public int MembersGone { get; init; }

    public int FencedOff { get; init; }

    public int Commits { get; init; }

    public long Views { get; init; }

    public long Steps { get; init; }

    public long Frames { get; init; }

    public TimeSpan Virtual { get; init; }

    /// <summary>How long the grid took to be whole again when the faults had ceased.</summary>
    public TimeSpan Healing { get; init; }
}
