using System.Collections.Concurrent;
using ActorGrid.Persistence;

namespace ActorGrid.PostgreSql;

/// <summary>
/// Notices that the server was failed over or restored: a standby that takes over begins a new timeline. What this node knows of a shard rests on the timeline
/// in which it raised its fence, so after a change it has to raise the fence anew before it writes.
/// </summary>
internal sealed class Timeline
{
    private readonly ConcurrentDictionary<ShardId, string> _raisedIn = [];
    private volatile string _current = "";

    /// <summary>The cluster and timeline of the last connection that was made.</summary>
    public string Current => _current;

    /// <summary>Notes that the fence of a shard was raised.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="timeline">The timeline before the raise was sent.</param>
    public void NoteRaise(ShardId shard, string timeline) => _raisedIn[shard] = timeline;

    /// <summary>Whether what is known of a shard is from an earlier timeline.</summary>
    public bool IsStale(ShardId shard) => _raisedIn.TryGetValue(shard, out string? raisedIn) && !string.Equals(raisedIn, _current, StringComparison.Ordinal);

    /// <summary>Notes that of a connection that was just made.</summary>
    public void Note(string timeline) => _current = timeline;
}
