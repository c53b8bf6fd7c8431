namespace ActorGrid.Persistence;

/// <summary>
/// The count of ownerships of a shard. The term moves when the shard gets an owner; the generation, when an owner raises its own
/// fence anew, which it does to find out whether an append with an unknown outcome was committed.
/// </summary>
/// <remarks>
/// Nodes that run without a cluster count generations only, so that the terms of a cluster that comes after them are later than theirs. 0.0 means that the shard never had an owner.
/// </remarks>
/// <param name="Term">From 0. A cluster counts from 1; 0 is of nodes without one.</param>
/// <param name="Generation">From 0, within the term.</param>
public readonly record struct Epoch(long Term, int Generation) : IComparable<Epoch>
{
    /// <summary>Whether an owner can have it: the first ones are 0.1 without a cluster, and 1.0 in one.</summary>
    internal bool IsOfOwner => this is { Term: >= 0, Generation: >= 0 } and not { Term: 0, Generation: 0 };

    /// <inheritdoc/>
    public int CompareTo(Epoch other) => Term != other.Term ? Term.CompareTo(other.Term) : Generation.CompareTo(other.Generation);

    /// <summary>Whether the first is earlier.</summary>
    public static bool operator <(Epoch left, Epoch right) => left.CompareTo(right) < 0;

    /// <summary>Whether the first is later.</summary>
    public static bool operator >(Epoch left, Epoch right) => left.CompareTo(right) > 0;

    /// <summary>Whether the first is not later.</summary>
    public static bool operator <=(Epoch left, Epoch right) => left.CompareTo(right) <= 0;

    /// <summary>Whether the first is not earlier.</summary>
    public static bool operator >=(Epoch left, Epoch right) => left.CompareTo(right) >= 0;

    /// <inheritdoc/>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Term}.{Generation}");
}

/// <summary>
/// What a writer of a shard has to show with every append: the epoch that it owns the shard in, and who it is.
/// The journal compares both for equality with the shard's row; nothing else decides who may write.
/// </summary>
/// <param name="Epoch">The epoch of the ownership.</param>
/// <param name="Owner">The incarnation of the owning node: a number drawn anew each time that a node starts.</param>
public readonly record struct Fence(Epoch Epoch, Guid Owner)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Epoch} of {Owner:N}";
}
