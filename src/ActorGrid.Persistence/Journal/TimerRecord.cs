namespace ActorGrid.Persistence;

/// <summary>A timer of an entity in the index by due time: when it comes due, its command is given to the entity.</summary>
/// <param name="Entity">The entity.</param>
/// <param name="Name">The name of the timer, unique for the entity; names that begin with <c>$</c> belong to ActorGrid.</param>
/// <param name="DueUnixMs">When it comes due, in Unix milliseconds; 0 marks an entity that is recovered with its shard.</param>
/// <param name="SetSequence">The sequence number of the event that set it.</param>
/// <param name="Manifest">The manifest of its command.</param>
/// <param name="Payload">Its command, encoded.</param>
public sealed record TimerRecord(EntityId Entity, string Name, long DueUnixMs, long SetSequence, string Manifest, ReadOnlyMemory<byte> Payload)
{
    /// <summary>Its place in the order of the index.</summary>
    public TimerPosition Position => new(DueUnixMs, Entity, Name);
}

/// <summary>A place in the order of timers: by due time, then entity type, key and name, these by the bytes of their UTF-8.</summary>
/// <param name="DueUnixMs">The due time.</param>
/// <param name="Entity">The entity.</param>
/// <param name="Name">The name of the timer.</param>
public readonly record struct TimerPosition(long DueUnixMs, EntityId Entity, string Name) : IComparable<TimerPosition>
{
    /// <inheritdoc/>
    public int CompareTo(TimerPosition other)
    {
        int order = DueUnixMs.CompareTo(other.DueUnixMs);
        if (order == 0) order = Utf8Order.Instance.Compare(Entity.Type, other.Entity.Type);
        if (order == 0) order = Utf8Order.Instance.Compare(Entity.Key, other.Entity.Key);
        return order != 0 ? order : Utf8Order.Instance.Compare(Name, other.Name);
    }
}

/// <summary>A change to the index of timers.</summary>
/// <param name="Entity">The entity.</param>
/// <param name="Name">The name of the timer.</param>
/// <param name="Timer">The timer as it shall be, in the place of one with that name if there is one; null removes it.</param>
public sealed record TimerChange(EntityId Entity, string Name, TimerRecord? Timer);
