namespace ActorGrid.Jobs;

/// <summary>Another node, as this one works for it.</summary>
internal sealed class WorkSource(Guid giver)
{
    public Guid Giver { get; } = giver;

    /// <summary>The types of which it has work, and which are registered here; none: it has offered nothing since it was exhausted.</summary>
    public IReadOnlyList<string> Offered { get; set; } = [];

    /// <summary>How many workers wait for its work.</summary>
    public int Reserved { get; set; }

    /// <summary>How many of these it has not been told of.</summary>
    public int Unsent { get; set; }

    /// <summary>When it was last told of them, as a timestamp.</summary>
    public long PulledAt { get; set; }

    /// <summary>The highest number of its work that has come.</summary>
    public long Last { get; set; }

    /// <summary>The span of the piece of work that comes next, if somebody follows it.</summary>
    public WorkTraced? Traced { get; set; }

    /// <summary>Its work that is here, ended or not, by number.</summary>
    public SortedDictionary<long, LentWork> Works { get; } = [];
}
