using ActorGrid.Persistence;

namespace ActorGrid.Cluster;

/// <summary>States of shards that come in pieces, before or after the view that gives the shards to this node. Bounded in time and size;
/// what is dropped is read from the journal.</summary>
/// <param name="time">The clock.</param>
/// <param name="bytesPerShardMax">The most bytes of the states of a shard. All together may have 16 times as many.</param>
internal sealed class HandoverInbox(TimeProvider time, int bytesPerShardMax)
{
    public static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(10);

    private readonly Dictionary<(ShardId Shard, long Term), Coming> _coming = [];
    private long _bytes;

    public long Bytes => _bytes;

    /// <summary>Takes a piece in.</summary>
    /// <returns>Whether it was the last.</returns>
    public bool Add(Guid sender, HandoverSent piece)
    {
        var key = (piece.Shard, piece.Term);
        if (_coming.TryGetValue(key, out var coming) && (coming.Sender != sender || coming.Offset != piece.Offset || coming.IsComplete))
        {
            // It begins anew.
            Drop(piece.Shard, piece.Term);
            coming = null;
        }
        if (coming is null)
        {
            coming = new Coming(sender, piece.Offset);
            _coming.Add(key, coming);
        }
        coming.LastAt = time.GetTimestamp();
        // What is too large is as good as none; but that it has ended is worth knowing.
        if (coming.Bytes + piece.Payload.Length > BytesOnWireMax || _bytes + piece.Payload.Length > 16L * bytesPerShardMax) coming.IsDropped = true;
        if (!coming.IsDropped)
        {
            coming.Pieces.Add(piece.Payload);
            coming.Bytes += piece.Payload.Length;
            _bytes += piece.Payload.Length;
        }
        return coming.IsComplete = piece.IsLast;
    }

    /// <summary>When the last piece came, by the clock's timestamp; null: none has.</summary>
    public long? LastPieceAt(ShardId shard, long term) => _coming.TryGetValue((shard, term), out var coming) ? coming.LastAt : null;

    /// <summary>Takes the states out if all pieces have come.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="term">The term of this node.</param>
    /// <param name="states">The states; null if the last owner had none, or they were too large.</param>
    /// <exception cref="FormatException">They are damaged; they are gone all the same.</exception>
    public bool TryTake(ShardId shard, long term, out HandedOver? states)
    {
        states = null;
        if (!_coming.TryGetValue((shard, term), out var coming) || !coming.IsComplete) return false;
        Drop(shard, term);
        if (coming.Offset >= 0 && !coming.IsDropped) states = HandedOver.FromPieces(shard, coming.Offset, coming.Pieces);
        return true;
    }

    public void Drop(ShardId shard, long term)
    {
        if (_coming.Remove((shard, term), out var coming)) _bytes -= coming.Bytes;
    }

    /// <summary>Drops what nobody took for long.</summary>
    /// <returns>Whether anything is left.</returns>
    public bool DropOld()
    {
        foreach (var (key, coming) in _coming.ToArray())
        {
            if (time.GetElapsedTime(coming.LastAt) >= KeptFor) Drop(key.Shard, key.Term);
        }
        return _coming.Count > 0;
    }

    /// <summary>Names and numbers come on top of the states.</summary>
    private long BytesOnWireMax => (2L * bytesPerShardMax) + 1024;

    private sealed class Coming(Guid sender, long offset)
    {
        public Guid Sender => sender;

        public long Offset => offset;

        public List<ReadOnlyMemory<byte>> Pieces { get; } = [];

        public long Bytes { get; set; }

        public long LastAt { get; set; }

        public bool IsComplete { get; set; }

        public bool IsDropped { get; set; }
    }
}
