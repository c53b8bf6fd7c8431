namespace ActorGrid.Persistence;

/// <summary>
/// A shard: one of a fixed number of slices of all entities, the unit of ownership. All entities of a shard are written by one owner.
/// </summary>
/// <param name="Value">From 0 up to, and not including, the number of shards of the grid.</param>
public readonly record struct ShardId(int Value) : IComparable<ShardId>
{
    /// <summary>The shard that an entity belongs to: a stable hash (FNV-1a, then MurmurHash3's finalizer) of type and key, modulo the
    /// number of shards.</summary>
    /// <remarks>The same in every process, on every machine and in every version, since the journal is laid out by it.</remarks>
    public static ShardId Of(EntityId entity, int shardCount)
    {
        ulong hash = Fold(Fold(14695981039346656037, entity.Type), "/");
        hash = Fold(hash, entity.Key);
        hash = (hash ^ (hash >> 33)) * 0xFF51AFD7ED558CCD;
        hash = (hash ^ (hash >> 33)) * 0xC4CEB9FE1A85EC53;
        return new ShardId((int)((hash ^ (hash >> 33)) % (uint)shardCount));
    }

    /// <inheritdoc/>
    public int CompareTo(ShardId other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"shard {Value}");

    private static ulong Fold(ulong hash, string text)
    {
        foreach (char c in text) hash = (((hash ^ (c & 0xFFu)) * 1099511628211) ^ (uint)(c >> 8)) * 1099511628211;
        return hash;
    }
}
