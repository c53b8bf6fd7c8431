using System.Collections.Immutable;

namespace ActorGrid.Cluster;

/// <summary>Which owners do not get on with passing on the shards that are to move: user code that does not return keeps its shard, and a process that is stopped keeps all of its. They lose their turn, since
/// shards of one owner move at a time.</summary>
/// <param name="patience">How long an owner may take for the next of its shards.</param>
internal sealed class MoveTurns(TimeSpan patience)
{
    /// <summary>Since when each owner of shards that are to move has passed on none.</summary>
    private Dictionary<Guid, TimeSpan> _idleSince = [];
    private ImmutableArray<ShardOwnership> _shards = [];

    /// <summary>Takes over what a newer view says.</summary>
    public void Follow(ClusterView view, TimeSpan now)
    {
        var active = new HashSet<Guid>();
        for (int i = 0; i < _shards.Length; i++)
        {
            // A move that is called off is none of its doing.
            if (_shards[i].IsMoving && view.Shards[i].Term != _shards[i].Term) active.Add(_shards[i].Owner);
        }
        var idleSince = new Dictionary<Guid, TimeSpan>();
        foreach (var shard in view.Shards)
        {
            if (shard.IsMoving) idleSince[shard.Owner] = active.Contains(shard.Owner) ? now : _idleSince.GetValueOrDefault(shard.Owner, now);
        }
        (_shards, _idleSince) = (view.Shards, idleSince);
    }

    /// <summary>The owners that have lost their turn.</summary>
    public ImmutableHashSet<Guid> Overdue(TimeSpan now) => [.. _idleSince.Where(idle => now - idle.Value >= patience).Select(idle => idle.Key)];

    /// <summary>When each owner loses its turn.</summary>
    public IEnumerable<TimeSpan?> Ends => _idleSince.Values.Select(since => (TimeSpan?)(since + patience));
}
