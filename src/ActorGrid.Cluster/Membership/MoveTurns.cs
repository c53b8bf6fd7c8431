using System.Collections.Immutable;

namespace ActorGrid.Cluster;

/// <summary>Which owners do not get on with passing on the shards that are to move: user code that does not return keeps its shard, and a process that is stopped keeps all of its. They lose their turn, since
/// shards of one owner move at a time.</summary>
/// <param name="patience">How long an owner may take for the next of its shards.</param>
internal sealed class MoveTurns(TimeSpan patience)
{
    /// <summary>How many shards are to move from each owner, and since when there are no fewer.</summary>
    private Dictionary<Guid, (int Shards, TimeSpan Since)> _turns = [];

    /// <summary>Takes over what a newer view says.</summary>
    public void Follow(ClusterView view, TimeSpan now)
    {
        var before = _turns;
        _turns = [];
        foreach (var shard in view.Shards)
        {
            if (shard.IsMoving) _turns[shard.Owner] = (_turns.GetValueOrDefault(shard.Owner).Shards + 1, now);
        }
        foreach (var (owner, was) in before)
        {
            if (_turns.TryGetValue(owner, out var turn) && turn.Shards >= was.Shards) _turns[owner] = turn with { Since = was.Since };
        }
    }

    /// <summary>The owners that have lost their turn.</summary>
    public ImmutableHashSet<Guid> Overdue(TimeSpan now) => [.. _turns.Where(turn => now - turn.Value.Since >= patience).Select(turn => turn.Key)];

    /// <summary>How long until the next owner loses its turn; null: nobody has one to lose.</summary>
    public TimeSpan? Next(TimeSpan now)
    {
        TimeSpan? next = null;
        foreach (var (_, since) in _turns.Values)
        {
            if (since + patience - now is var left && left > TimeSpan.Zero && !(left >= next)) next = left;
        }
        return next;
    }
}
