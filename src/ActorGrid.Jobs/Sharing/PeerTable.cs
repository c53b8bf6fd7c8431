namespace ActorGrid.Jobs;

/// <summary>The other members as the job runner sees them: a link that is down for a moment is no loss, a member that has gone is one at
/// once.</summary>
internal sealed class PeerTable(IJobPeers peers, TimeProvider time)
{
    /// <summary>So long a member may be out of reach before its work is given to others, and it is no more worked for.</summary>
    internal static readonly TimeSpan SilenceMax = TimeSpan.FromSeconds(3);

    private readonly SortedDictionary<Guid, long> _silentSince = [];
    private Guid _self;

    /// <summary>The members, ordered by incarnation.</summary>
    public IReadOnlyList<JobPeer> All { get; private set; } = [];

    /// <summary>Whether this node has got another incarnation since the last call.</summary>
    public bool HasBecomeAnother()
    {
        var (before, now) = (_self, peers.Self);
        if (now != Guid.Empty) _self = now;
        return before != Guid.Empty && now != Guid.Empty && before != now;
    }

    public JobPeer? Find(Guid peer)
    {
        foreach (var one in All)
        {
            if (one.Incarnation == peer) return one;
        }
        return null;
    }

    /// <summary>Looks at the members.</summary>
    /// <returns>Those that are in reach and were not before.</returns>
    public IReadOnlyList<JobPeer> Look()
    {
        var before = All.Where(peer => peer.IsReachable).Select(peer => peer.Incarnation).ToHashSet();
        All = [.. peers.Peers.OrderBy(peer => peer.Incarnation)];
        foreach (var peer in All)
        {
            if (peer.IsReachable) _silentSince.Remove(peer.Incarnation);
            else _silentSince.TryAdd(peer.Incarnation, time.GetTimestamp());
        }
        foreach (var left in _silentSince.Keys.Where(peer => Find(peer) is null).ToList()) _silentSince.Remove(left);
        return [.. All.Where(peer => peer.IsReachable && !before.Contains(peer.Incarnation))];
    }

    /// <summary>Which of some nodes have gone, or have been out of reach for too long.</summary>
    public IReadOnlyList<Guid> Gone(IEnumerable<Guid> nodes) =>
    [
        .. nodes.Where(node => Find(node) is null || (_silentSince.TryGetValue(node, out long since) && time.GetElapsedTime(since) >= SilenceMax)),
    ];
}
