using ActorGrid.Persistence;

namespace ActorGrid.Cluster;

/// <summary>States of shards on their way to their next owners, in pieces, as fast as the links take them. Bounded in time and size; who
/// gets none reads the journal.</summary>
/// <param name="time">The clock.</param>
/// <param name="standing">Has the links.</param>
/// <param name="bytesPerShardMax">The most bytes of the states of a shard. All together may have 16 times as many.</param>
internal sealed class HandoverOutbox(TimeProvider time, Standing standing, int bytesPerShardMax)
{
    /// <summary>Below the size at which an array goes to the large object heap.</summary>
    public const int PieceBytesMax = 60 << 10;

    /// <summary>The next owner waits no longer than this.</summary>
    public static readonly TimeSpan SentWithin = TimeSpan.FromSeconds(2);

    private readonly SortedDictionary<Guid, Queue<Going>> _going = [];
    private readonly byte[] _frame = new byte[PieceBytesMax + 1024];
    private long _bytes;

    public long Bytes => _bytes;

    /// <summary>Adds the states of a shard; null: says to the next owner that there are none, so that it does not wait.</summary>
    public void Add(Guid peer, long term, ShardId shard, HandedOver? states, long now)
    {
        int bytes = states?.Entities.Sum(e => e.Bytes) ?? 0;
        if (_bytes + bytes > 16L * bytesPerShardMax) (states, bytes) = (null, 0);
        if (!_going.TryGetValue(peer, out var queue)) _going.Add(peer, queue = new Queue<Going>());
        queue.Enqueue(new Going(shard, term, states, bytes, now));
        _bytes += bytes;
    }

    /// <summary>Sends as much as the links take.</summary>
    /// <returns>Whether anything is left to be sent.</returns>
    public bool Send()
    {
        foreach (var (peer, queue) in _going.ToArray())
        {
            if (standing.Links.TryGetValue(peer, out var link)) Send(link, queue);
            else Drop(queue);
            if (queue.Count == 0) _going.Remove(peer);
        }
        return _going.Count > 0;
    }

    private void Send(ILink link, Queue<Going> queue)
    {
        while (queue.TryPeek(out var going))
        {
            if (time.GetElapsedTime(going.AddedAt) < SentWithin && !TrySend(link, going)) return;
            queue.Dequeue();
            _bytes -= going.Bytes;
        }
    }

    private bool TrySend(ILink link, Going going)
    {
        var pieces = going.Pieces ??= going.States?.ToPieces(PieceBytesMax) ?? [default];
        if (going.Link != link)
        {
            // Nobody knows how much of what another link took has come.
            (going.Link, going.Sent, going.Position) = (link, 0, 0);
        }
        for (; going.Sent < pieces.Count; going.Sent++)
        {
            bool isLast = going.Sent == pieces.Count - 1;
            var piece = new HandoverSent(going.Shard, going.Term, going.States?.Offset ?? -1, going.Position, isLast, pieces[going.Sent]);
            int length = WireCodec.Encode(piece, _frame);
            if (!link.Send(_frame.AsSpan(0, length), Lane.Data)) return false;
            going.Position += piece.Payload.Length;
        }
        return true;
    }

    private void Drop(Queue<Going> queue)
    {
        foreach (var going in queue) _bytes -= going.Bytes;
        queue.Clear();
    }

    private sealed class Going(ShardId shard, long term, HandedOver? states, int bytes, long addedAt)
    {
        public ShardId Shard => shard;

        public long Term => term;

        public HandedOver? States => states;

        public int Bytes => bytes;

        public long AddedAt => addedAt;

        /// <summary>Made when it is its turn, since they double the memory.</summary>
        public IReadOnlyList<ReadOnlyMemory<byte>>? Pieces { get; set; }

        /// <summary>The link that it is being sent on.</summary>
        public ILink? Link { get; set; }

        /// <summary>How many pieces that link has taken.</summary>
        public int Sent { get; set; }

        /// <summary>How many bytes they have.</summary>
        public int Position { get; set; }
    }
}
