namespace ActorGrid.Sqlite;

/// <summary>Events with consecutive numbers at consecutive positions of the log.</summary>
/// <param name="First">The number of the first: the sequence number in its entity, or the offset in its shard.</param>
/// <param name="Position">The position of the first.</param>
/// <param name="Count">How many there are, from 1.</param>
internal readonly record struct Run(long First, long Position, long Count)
{
    public long Last => First + Count - 1;

    public long LastPosition => Position + Count - 1;

    public bool Contains(long number) => number >= First && number <= Last;

    /// <summary>The part whose numbers are greater than <paramref name="number"/>; its count is not positive if there is none.</summary>
    public Run After(long number) => number < First ? this : new Run(number + 1, Position + (number + 1 - First), Last - number);

    /// <summary>At most so many from the beginning.</summary>
    public Run Take(long countMax) => Count <= countMax ? this : this with { Count = countMax };

    public bool IsFollowedBy(long number, long position) => number == First + Count && position == Position + Count;
}
