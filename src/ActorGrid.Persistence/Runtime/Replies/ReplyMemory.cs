namespace ActorGrid.Persistence;

/// <summary>
/// What a shard remembers of commands: the replies recorded lately, and a mark below which it may have forgotten some. With both it tells
/// new ids from repeated ones
/// (see decision 0003).
/// </summary>
/// <remarks>
/// The invariant: every id that was recorded in the shard within the retention is in memory, or was issued at the mark or before. So an id
/// issued after the mark
/// that is not in memory is new.
/// </remarks>
internal sealed class ReplyMemory(Budget budget, long markUnixMs)
{
    /// <summary>How far in the future of the owner's clock an id may have been issued.</summary>
    public static readonly TimeSpan AheadMax = TimeSpan.FromMinutes(1);

    private readonly Dictionary<Key, Known> _known = new(KeyComparer.Instance);
    private Queue<Key> _order = new();

    /// <summary>The latest issue of all ids that may have been recorded and are not in memory.</summary>
    public long MarkUnixMs { get; private set; } = markUnixMs;

    /// <summary>Appends up to this number are durable.</summary>
    public long DurableThrough { get; set; }

    public int Count => _known.Count;

    /// <summary>Judges an id.</summary>
    /// <param name="entity">The entity that is asked.</param>
    /// <param name="id">The id.</param>
    /// <param name="isLookedUp">Whether the store was asked, and did not have it.</param>
    /// <param name="nowUnixMs">The time.</param>
    /// <param name="forgottenBeforeUnixMs">Ids issued before may have been deleted from the store.</param>
    /// <param name="known">The recorded reply, if it is known.</param>
    public IdVerdict Judge(EntityId entity, CommandId id, bool isLookedUp, long nowUnixMs, long forgottenBeforeUnixMs, out Known known)
    {
        if (_known.TryGetValue(new Key(entity, id), out known)) return IdVerdict.Known;
        long issued = id.IssuedAtUnixMs;
        if (issued < forgottenBeforeUnixMs) return IdVerdict.TooOld;
        if (issued <= MarkUnixMs && !isLookedUp) return IdVerdict.LookUp;
        // Only now, when it is surely not recorded: an earlier owner may have recorded it, by a clock that was ahead of this one.
        return issued > nowUnixMs + (long)AheadMax.TotalMilliseconds ? IdVerdict.FromTheFuture : IdVerdict.New;
    }

    /// <summary>Remembers a reply that an append holds.</summary>
    public void Add(ReplyRecord reply, long append)
    {
        var key = new Key(reply.Entity, reply.Command);
        // Its append would be refused as a whole, with all that is in it.
        if (!_known.TryAdd(key, new Known(reply, append))) throw new InvalidOperationException($"The id {key.Id} of {key.Entity} is to be recorded twice.");
        _order.Enqueue(key);
        budget.Take(1);
        while (budget.IsExceeded && EvictOldest())
        {
        }
        // What was dropped has left its keys behind.
        if (_order.Count > 1024 + (2 * _known.Count)) _order = new Queue<Key>(_order.Where(_known.ContainsKey).Distinct(KeyComparer.Instance));
    }

    /// <summary>Drops what was to be recorded by an append that is not and will never be in the store.</summary>
    public void Drop(IReadOnlyList<ReplyRecord> replies)
    {
        foreach (var reply in replies)
        {
            if (_known.Remove(new Key(reply.Entity, reply.Command))) budget.Return(1);
        }
    }

    /// <summary>Says that ids issued up to a time may have been recorded without being in memory.</summary>
    public void RaiseMark(long issuedAtUnixMs) => MarkUnixMs = Math.Max(MarkUnixMs, issuedAtUnixMs);

    /// <summary>Lets go of replies to ids that are refused anyway, since they were issued before a time.</summary>
    public void Forget(long issuedBeforeUnixMs)
    {
        while (_order.TryPeek(out var key) && key.Id.IssuedAtUnixMs < issuedBeforeUnixMs && EvictOldest())
        {
        }
    }

    public void Clear()
    {
        budget.Return(_known.Count);
        _known.Clear();
        _order.Clear();
    }

    /// <summary>Lets go of the reply that was recorded first.</summary>
    /// <returns>False if there is none, or the oldest is of an append under way: it is the only trace of a command that is being
    /// executed.</returns>
    private bool EvictOldest()
    {
        if (!_order.TryPeek(out var key)) return false;
        if (_known.TryGetValue(key, out var known))
        {
            if (known.Append > DurableThrough) return false;
            _known.Remove(key);
            budget.Return(1);
            RaiseMark(key.Id.IssuedAtUnixMs);
        }
        _order.Dequeue();
        return true;
    }

    /// <summary>A recorded reply.</summary>
    /// <param name="Reply">The reply.</param>
    /// <param name="Append">The append that recorded it.</param>
    internal readonly record struct Known(ReplyRecord Reply, long Append);

    internal readonly record struct Key(EntityId Entity, CommandId Id);

    /// <summary>Hashes the id alone: it is made of chance, and one id rarely names commands of two entities.</summary>
    internal sealed class KeyComparer : IEqualityComparer<Key>
    {
        public static readonly KeyComparer Instance = new();

        public bool Equals(Key x, Key y) => x.Id == y.Id && x.Entity == y.Entity;

        public int GetHashCode(Key key)
        {
            ulong mixed = (key.Id.High ^ key.Id.Low) * 0x9E37_79B9_7F4A_7C15;
            return (int)(mixed >> 32);
        }
    }
}

internal enum IdVerdict
{
    New,
    Known,
    LookUp,
    TooOld,
    FromTheFuture,
}
