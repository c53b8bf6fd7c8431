namespace ActorGrid.Cluster;

/// <summary>Who owns a shard.</summary>
/// <param name="Owner">The incarnation of the owner; empty if it has none.</param>
/// <param name="Term">The term of that ownership; it grows with each change of the owner and never goes back.</param>
/// <param name="Next">The incarnation of the member that the shard moves to; empty if it stays.</param>
public readonly record struct ShardOwnership(Guid Owner, long Term, Guid Next)
{
    /// <summary>Whether it is on its way to another owner.</summary>
    public bool IsMoving => Next != Guid.Empty;
}

/// <summary>The lease of a member that was declared dead without proof that it does not run: whoever takes over has to wait until the lease has
/// ended.</summary>
/// <param name="Incarnation">Who held it.</param>
/// <param name="Number">The number of its last renewal.</param>
public readonly record struct RevokedLease(Guid Incarnation, long Number);

/// <summary>The shards of all entity types with one role: as many as the grid has, numbered on from those of the role before.</summary>
/// <param name="Role">The role that a member must have to own them; empty: none.</param>
/// <param name="First">The number of the first of them.</param>
public readonly record struct ShardSpace(string Role, int First);
