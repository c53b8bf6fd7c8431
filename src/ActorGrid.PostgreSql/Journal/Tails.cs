using ActorGrid.Persistence;

namespace ActorGrid.PostgreSql;

/// <summary>
/// Remembers how the histories end that this node has appended to, so that the server need not look. What is remembered was true when the shard's last offset
/// was a certain one. An append is committed only if the last offset is the one that it expects; where both are the same, nothing was written between, and so
/// it is true still.
/// </summary>
internal sealed class Tails
{
    /// <summary>Beyond so many entities all are forgotten, and looked up again when they are needed.</summary>
    private const int EntitiesMax = 262_144;

    private readonly Lock _gate = new();
    private readonly Dictionary<ShardId, Tail> _tails = [];
    private int _count;

    /// <summary>What an append says of its entities' histories, so far as it is not known to be true.</summary>
    public List<(EntityId Entity, long Before)> UnknownOf(ShardAppend append)
    {
        var firsts = Histories.FirstsOf(append);
        var unknown = new List<(EntityId, long)>();
        lock (_gate)
        {
            var known = _tails.TryGetValue(append.Shard, out var tail) && tail.Offset == append.ExpectedOffset ? tail.Last : null;
            foreach (var (entity, before) in firsts)
            {
                if (known is null || !known.TryGetValue(entity, out long last) || last != before) unknown.Add((entity, before));
            }
        }
        return unknown;
    }

    /// <summary>Notes an append that was committed.</summary>
    public void Note(ShardAppend append)
    {
        if (append.Events.Count == 0) return;
        lock (_gate)
        {
            if (_count > EntitiesMax)
            {
                _tails.Clear();
                _count = 0;
            }
            if (!_tails.TryGetValue(append.Shard, out var tail)) _tails.Add(append.Shard, tail = new Tail());
            if (tail.Offset != append.ExpectedOffset) Forget(tail);
            int before = tail.Last.Count;
            foreach (var e in append.Events) tail.Last[e.Entity] = e.Sequence;
            _count += tail.Last.Count - before;
            tail.Offset = append.ExpectedOffset + append.Events.Count;
        }
    }

    /// <summary>Forgets a shard whose fence is being raised: its offsets may be those of a server that was failed over.</summary>
    public void Forget(ShardId shard)
    {
        lock (_gate)
        {
            if (_tails.Remove(shard, out var tail)) Forget(tail);
        }
    }

    private void Forget(Tail tail)
    {
        _count -= tail.Last.Count;
        tail.Last.Clear();
    }

    private sealed class Tail
    {
        public long Offset { get; set; }

        public Dictionary<EntityId, long> Last { get; } = [];
    }
}
