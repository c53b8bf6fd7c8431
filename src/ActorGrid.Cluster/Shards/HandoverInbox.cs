using ActorGrid.Persistence;

namespace ActorGrid.Cluster;

/// <summary>States of shards that come in pieces, before or after the view that gives the shards to this node. Bounded in time, in size, and to one
/// whole a shard; what is dropped is read from the journal.</summary>
/// <remarks>The invariant: the pieces that are kept of a shard are of one sender, term and offset, and each begins where the one before ended. Whatever
/// does not fit drops the whole.</remarks>
/// <param name="time">The clock.</param>
/// <param name="bytesPerShardMax">The most bytes of the states of a shard. All together may have 16 times as many.</param>
internal sealed class HandoverInbox(TimeProvider time, int bytesPerShardMax)
{
    public static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(10);

    /// <summary>What a piece takes in memory beside its bytes.</summary>
    private const int PieceCost = 64;

    private readonly Dictionary<ShardId, Coming> _coming = [];
    private long _bytes;

    public long Bytes => _bytes;

    /// <summary>Of how many shards anything is here.</summary>
    public int Count => _coming.Count;

    /// <summary>Takes a piece in. The caller has checked that the sender may send it.</summary>
    /// <returns>Whether there is nothing more to wait for: it was the last, or all are dropped.</returns>
    public bool Add(Guid sender, HandoverSent piece)
    {
        var coming = _coming.GetValueOrDefault(piece.Shard);
        if (coming is not null && piece.Term < coming.Term) return false;
        if (coming is null || piece.Position == 0 || piece.Term > coming.Term) coming = Begin(sender, piece);
        coming.LastAt = time.GetTimestamp();
        if (coming.IsDropped) return true;
        // An empty piece says that there are no states, and nothing else.
        bool fits = !coming.IsComplete && coming.Sender == sender && coming.Offset == piece.Offset && coming.Length == piece.Position
            && (piece.Offset < 0 ? piece is { IsLast: true, Payload.IsEmpty: true } : !piece.Payload.IsEmpty);
        long cost = piece.Payload.Length + PieceCost;
        if (!fits || (piece.Offset >= 0 && (coming.Cost + cost > CostMax || _bytes + cost > 16L * bytesPerShardMax)))
        {
            Discard(coming);
            return true;
        }
        if (piece.Offset >= 0)
        {
            coming.Pieces.Add(piece.Payload);
            coming.Length += piece.Payload.Length;
            coming.Cost += cost;
            _bytes += cost;
        }
        return coming.IsComplete = piece.IsLast;
    }

    /// <summary>When the last piece came, by the clock's timestamp; null: none has.</summary>
    public long? LastPieceAt(ShardId shard, long term) => Find(shard, term)?.LastAt;

    /// <summary>Takes the states out if all pieces have come, or were dropped.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="term">The term of this node.</param>
    /// <param name="states">The states; null if the last owner had none, or they were too large, or pieces are missing.</param>
    /// <exception cref="FormatException">They are damaged; they are gone all the same.</exception>
    public bool TryTake(ShardId shard, long term, out HandedOver? states)
    {
        states = null;
        if (Find(shard, term) is not { IsEnded: true } coming) return false;
        bool isGood = !coming.IsDropped && coming.Offset >= 0;
        Remove(shard);
        if (isGood) states = HandedOver.FromPieces(shard, coming.Offset, coming.Pieces);
        return true;
    }

    public void Drop(ShardId shard, long term)
    {
        if (Find(shard, term) is not null) Remove(shard);
    }

    /// <summary>Drops what nobody took for long.</summary>
    /// <returns>Whether anything is left.</returns>
    public bool DropOld()
    {
        foreach (var (shard, coming) in _coming.ToArray())
        {
            if (time.GetElapsedTime(coming.LastAt) >= KeptFor) Remove(shard);
        }
        return _coming.Count > 0;
    }

    /// <summary>Names and numbers come on top of the states. The whole has to fit into an array.</summary>
    private long CostMax => Math.Min((2L * bytesPerShardMax) + 1024, Array.MaxLength);

    private Coming? Find(ShardId shard, long term) => _coming.TryGetValue(shard, out var coming) && coming.Term == term ? coming : null;

    private Coming Begin(Guid sender, HandoverSent piece)
    {
        Remove(piece.Shard);
        return _coming[piece.Shard] = new Coming(sender, piece.Term, piece.Offset);
    }

    private void Remove(ShardId shard)
    {
        if (_coming.Remove(shard, out var coming)) _bytes -= coming.Cost;
    }

    /// <summary>Nothing good can become of it; that it has come is remembered, so that nobody waits for the rest.</summary>
    private void Discard(Coming coming)
    {
        _bytes -= coming.Cost;
        coming.Cost = 0;
        coming.Pieces.Clear();
        coming.IsDropped = true;
    }

    private sealed class Coming(Guid sender, long term, long offset)
    {
        public Guid Sender => sender;

        public long Term => term;

        public long Offset => offset;

        public List<ReadOnlyMemory<byte>> Pieces { get; } = [];

        /// <summary>How many bytes have come: where the next piece begins.</summary>
        public int Length { get; set; }

        /// <summary>What it takes in memory.</summary>
        public long Cost { get; set; }

        public long LastAt { get; set; }

        public bool IsComplete { get; set; }

        public bool IsDropped { get; set; }

        public bool IsEnded => IsComplete || IsDropped;
    }
}
