using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace ActorGrid.Cluster.Tests;

/// <summary>A node of a <see cref="ScaleGrid"/>: when it notices whom, which view it has, and what it is about to do.</summary>
internal sealed class ScaleNode(ScaleGrid grid, int index, Member self, IClusterStore store, ClusterView view) : IReadOnlyDictionary<Guid, PeerFinding>
{
    private readonly Dictionary<Guid, TimeSpan> _noticed = [];
    private (long Version, int Noticed, TimeSpan Wait)? _readWait;

    public int Index => index;

    public Member Self => self;

    public IClusterStore Store => store;

    public ClusterView View { get; set; } = view;

    public TimeSpan? DiedAt { get; set; }

    /// <summary>Whether its host answers for it: no address refuses, and the store sees nothing, when a whole machine goes.</summary>
    public bool IsHostGone { get; set; }

    public long LeaseNumber { get; set; }

    public TimeSpan LeaseSince { get; set; }

    public bool WantsToLeave { get; set; }

    /// <summary>Whether it will look in a moment at all that has come meanwhile.</summary>
    public bool IsToConsider { get; set; }

    /// <summary>Proposals lost in a row.</summary>
    public int Losses { get; set; }

    public bool IsReading { get; set; }

    public bool IsWriting { get; set; }

    private TimeSpan? _ownsNothingSince;

    public TimeSpan? WantsLeasesSince { get; set; }

    public (long Version, TimeSpan At)? Turn { get; set; }

    public Dictionary<Guid, LeaseRow> Rows { get; set; } = [];

    public TimeSpan? RowsReadAt { get; set; }

    public void Notice(Guid peer) => _noticed.TryAdd(peer, grid.Now);

    public void Forget() => _noticed.Keys.Where(peer => View.Find(peer) is null).ToList().ForEach(peer => _noticed.Remove(peer));

    public Findings Findings() => new()
    {
        Self = self,
        HasJoined = View.Find(self.Incarnation) is not null,
        LeaseHeldSince = TimeSpan.Zero,
        WantsToLeave = WantsToLeave,
        Drained = grid.DrainedBy(this),
        OwnsNothingSince = WantsToLeave && View.Shards.All(shard => shard.Owner != self.Incarnation) ? _ownsNothingSince ??= grid.Now : null,
        Peers = this,
        Leases = Rows,
        LeasesReadAt = RowsReadAt,
    };

    /// <summary>What it sees of another: as all do, but for the moment in which it noticed a death.</summary>
    public bool TryGetValue(Guid key, [MaybeNullWhen(false)] out PeerFinding value)
    {
        var peer = grid.Find(key);
        bool isGone = _noticed.TryGetValue(key, out var at);
        value = peer is null ? default : new PeerFinding(!isGone, isGone ? at : TimeSpan.Zero, isGone && !peer.IsHostGone, peer.LeaseNumber, peer.LeaseSince);
        return peer is not null;
    }

    /// <summary>Whether it misses somebody.</summary>
    public bool Misses => _noticed.Count > 0;

    /// <summary>Whether the store is about to notice a death that it has noticed itself, and it would be among the first to judge.</summary>
    public bool AwaitsWitness() => _noticed.Any(noticed => grid.Find(noticed.Key) is { IsHostGone: false } && grid.Now - noticed.Value < TimeSpan.FromMilliseconds(300)
        && (!Rows.TryGetValue(noticed.Key, out var row) || row.IsPresent)) && ReadWait() < 3 * ScaleGrid.Limits.RankStep;

    /// <summary>How long it leaves the reading of the leases to others.</summary>
    public TimeSpan ReadWait()
    {
        if (_readWait is { } known && known.Version == View.Version && known.Noticed == _noticed.Count) return known.Wait;
        var wait = ScaleGrid.Limits.RankStep * Planner.Rank(View, self.Incarnation, Planner.Subject(View, IsReachable), IsReachable);
        _readWait = (View.Version, _noticed.Count, wait);
        return wait;

        bool IsReachable(Guid peer) => !_noticed.ContainsKey(peer);
    }

    public PeerFinding this[Guid key] => TryGetValue(key, out var value) ? value : throw new KeyNotFoundException();

    public bool ContainsKey(Guid key) => grid.Find(key) is not null;

    public int Count => throw new NotSupportedException();

    public IEnumerable<Guid> Keys => throw new NotSupportedException();

    public IEnumerable<PeerFinding> Values => throw new NotSupportedException();

    public IEnumerator<KeyValuePair<Guid, PeerFinding>> GetEnumerator() => throw new NotSupportedException();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
