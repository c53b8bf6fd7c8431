namespace ActorGrid.Failover;

/// <summary>What load to make: each entity is asked once in a period, writes and reads in turn.</summary>
/// <param name="Entities">How many entities.</param>
/// <param name="Every">The period.</param>
/// <param name="Deadline">How long an ask may take.</param>
internal sealed record LoadOptions(int Entities, TimeSpan Every, TimeSpan Deadline)
{
    /// <summary>The asks that are due before a time counted from the start.</summary>
    public long DueBefore(TimeSpan elapsed) => elapsed.Ticks * Entities / Every.Ticks;

    /// <summary>
    /// The ask of that place in the schedule: the entities take turns, evenly over the period; in each period half of them write while the others read, and the next period the other
    /// way round.
    /// </summary>
    public (int Entity, int Number, TimeSpan Due) At(long place)
    {
        int entity = (int)(place % Entities);
        long round = place / Entities;
        bool isWrite = (entity + round) % 2 == 0;
        return (entity, isWrite ? (int)(round / 2) + 1 : 0, new TimeSpan(place * Every.Ticks / Entities));
    }
}
