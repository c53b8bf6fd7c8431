using System.Collections.Immutable;
using ActorGrid.Persistence;

namespace ActorGrid.Cluster.Tests;

/// <summary>A node of a <see cref="GridWalk"/>: as little of a real one as the promise rests on. It has a view that may be old, a lease that it trusts by its own
/// clock, and the shards that it serves.</summary>
internal sealed class WalkNode(GridWalk grid, int host, int life, double rate)
{
    private static readonly MembershipLimits Limits = GridModel.Limits;
    private readonly Dictionary<Guid, PeerFinding> _peers = [];
    private readonly Dictionary<int, (long Term, HashSet<Guid> Waits)> _owned = [];
    private ImmutableDictionary<Guid, LeaseRow> _rows = ImmutableDictionary<Guid, LeaseRow>.Empty;
    private TimeSpan? _rowsReadAt, _trustedFrom, _heldSince, _lastRenewed;
    private SlowStart _slowStart = new(Limits.SlowStart);
    private MoveTurns _turns = new(Limits.MovePatience);
    private TimeSpan? _ownsNothingSince;
    private long _number, _leaseViewVersion;
    private bool _hasJoined;

    public IClusterStore Store { get; } = grid.Store.Connect();

    public int Host => host;

    public Guid Incarnation { get; private set; } = GridModel.Id(host, life);

    public ClusterView View { get; private set; } = ClusterView.Empty(GridModel.Grid);

    public bool IsDead { get; private set; }

    public bool IsPaused { get; set; }

    public bool IsCut { get; set; }

    /// <summary>Its address refuses connections though it lives.</summary>
    public bool IsRefusing { get; set; }

    public bool HasNoStore { get; set; }

    public bool WantsToLeave { get; set; }

    public HashSet<int> Serving { get; } = [];

    public HashSet<DrainedShard> Drained { get; } = [];

    public bool Runs => !IsDead && !IsPaused;

    public bool ReachesStore => Runs && !HasNoStore;

    /// <summary>A clock that runs a little faster or slower than others.</summary>
    public TimeSpan Now => grid.Time * rate;

    public bool MayAnswer => !IsDead && _trustedFrom is { } from && Now - from < Limits.LeaseDuration && View.Version >= _leaseViewVersion;

    private Member Self => GridModel.Node(host) with { Incarnation = Incarnation, Weight = 50 + (host * 25) };

    /// <summary>The process dies.</summary>
    /// <param name="isUnseen">The store does not learn of it.</param>
    public void Die(bool isUnseen = false)
    {
        IsDead = true;
        if (!isUnseen) grid.Store.Disconnect(Store);
    }

    /// <summary>Looks at who is there and who is not. Heartbeats carry the number of the lease.</summary>
    public void Look()
    {
        if (!Runs) return;
        foreach (var (incarnation, peer) in _peers)
        {
            var other = grid.Find(incarnation);
            bool reachable = other is not null && grid.Reach(this, other);
            bool refused = !IsCut && (other is null ? grid.AnswersFor(View.Find(incarnation)?.Endpoint) : other.IsRefusing);
            _peers[incarnation] = peer with { IsReachable = reachable, IsRefused = refused, Since = reachable == peer.IsReachable ? peer.Since : Now };
            if (reachable) Learn(incarnation, other!._number);
        }
    }

    public void Renew()
    {
        if (!ReachesStore) return;
        if (grid.Chance(0.2))
        {
            Grid(Store.OpenLeaseAsync(Incarnation, default));
        }
        var sentAt = Now;
        var suspects = _peers.Where(peer => !peer.Value.IsReachable && View.Find(peer.Key) is not null).Select(peer => peer.Key).Order().ToArray();
        var renewal = Read(Store.RenewLeaseAsync(Incarnation, suspects, default));
        if (grid.Chance(0.1))
        {
            // The answer never comes.
            _heldSince = null;
            return;
        }
        if (renewal.IsRevoked)
        {
            if (_number > 0) StartOver();
            else Grid(Store.OpenLeaseAsync(Incarnation, default));
            return;
        }
        if (_lastRenewed is { } last && sentAt - last > TimeSpan.FromSeconds(2)) _heldSince = null;
        if (_trustedFrom is not { } from || sentAt - from >= Limits.LeaseDuration) _heldSince = null;
        _heldSince ??= Now;
        (_trustedFrom, _number, _leaseViewVersion, _lastRenewed) = (sentAt, renewal.Number, renewal.ViewVersion, Now);
    }

    public void ReadView()
    {
        if (ReachesStore) Follow(Read(Store.ReadViewAsync(default)));
    }

    public void ReadLeases()
    {
        if (!ReachesStore) return;
        _rowsReadAt = Now;
        _rows = Read(Store.ReadLeasesAsync(default)).ToImmutableDictionary(row => row.Incarnation);
        foreach (var row in _rows.Values) Learn(row.Incarnation, row.Number);
    }

    /// <summary>Plans and writes; the answer may get lost.</summary>
    public bool Propose()
    {
        if (!ReachesStore) return false;
        if (WantsToLeave && !_hasJoined) Die();
        if (IsDead) return false;
        var findings = new Findings
        {
            Self = Self,
            HasJoined = _hasJoined,
            LeaseHeldSince = MayBeTrusted ? _heldSince : null,
            WantsToLeave = WantsToLeave,
            Drained = [.. Drained.OrderBy(drained => drained.Shard)],
            OwnsNothingSince = _ownsNothingSince,
            Beginners = _slowStart.Beginners(Now),
            Overdue = _turns.Overdue(Now),
            Peers = _peers,
            Leases = _rows,
            LeasesReadAt = _rowsReadAt,
        };
        if (Planner.Plan(View, findings, grid.Strategy, Limits, Now) is not { } proposal) return false;
        bool won = Read(Store.WriteViewAsync(proposal.Next, proposal.Revocations, default));
        if (won) grid.Written(proposal);
        if (won && !grid.Chance(0.3)) Follow(proposal.Next);
        return won;
    }

    /// <summary>Opens what it owns once those before it have certainly stopped, drains what is to be released, resumes what is not any more.</summary>
    public void Attend()
    {
        if (!Runs) return;
        foreach (var (shard, (term, waits)) in _owned)
        {
            waits.RemoveWhere(incarnation => View.Revoked.All(revoked => revoked.Incarnation != incarnation)
                || (_peers.TryGetValue(incarnation, out var peer) && Planner.HasEnded(peer, Fresh(incarnation), Limits, Now)));
            var drained = new DrainedShard(new ShardId(shard), term);
            if (View.IsToBeReleased(drained.Shard)) Drained.Add(drained);
            else Drained.Remove(drained);
            if (waits.Count == 0 && !Drained.Contains(drained)) Serving.Add(shard);
            else Serving.Remove(shard);
        }
    }

    private bool MayBeTrusted => _trustedFrom is { } from && Now - from < Limits.LeaseDuration;

    private LeaseRow? Fresh(Guid incarnation) => _rowsReadAt is { } at && Now - at < Limits.RowsFreshFor ? _rows.GetValueOrDefault(incarnation) : null;

    private void Follow(ClusterView view)
    {
        if (view.Version <= View.Version) return;
        View = view;
        if (view.Find(Incarnation) is not null) _hasJoined = true;
        else if (_hasJoined && WantsToLeave) Die();
        else if (_hasJoined) StartOver();
        if (IsDead) return;
        _slowStart.Follow(view, Now);
        _turns.Follow(view, Now);
        if (!_hasJoined || view.Shards.Any(shard => shard.Owner == Incarnation)) _ownsNothingSince = null;
        else _ownsNothingSince ??= Now;
        foreach (var member in view.Members.Where(member => member.Incarnation != Incarnation)) Learn(member.Incarnation, -1);
        foreach (var revoked in view.Revoked)
        {
            Learn(revoked.Incarnation, revoked.Number);
            if (_peers[revoked.Incarnation].RevokedSince is null) _peers[revoked.Incarnation] = _peers[revoked.Incarnation] with { RevokedSince = Now };
        }
        foreach (var peer in _peers.Keys.ToArray())
        {
            if (view.Find(peer) is null && view.Revoked.All(revoked => revoked.Incarnation != peer)) _peers.Remove(peer);
        }
        for (int i = 0; i < view.Shards.Length; i++)
        {
            var now = view.Shards[i];
            if (_owned.TryGetValue(i, out var owned) && now.Owner == Incarnation && now.Term == owned.Term) continue;
            _owned.Remove(i);
            Serving.Remove(i);
            Drained.RemoveWhere(drained => drained.Shard.Value == i);
            if (now.Owner == Incarnation) _owned.Add(i, (now.Term, view.Revoked.Select(revoked => revoked.Incarnation).ToHashSet()));
        }
        Drained.RemoveWhere(drained => !view.IsToBeReleased(drained.Shard));
    }

    private void Learn(Guid incarnation, long number)
    {
        if (!_peers.TryGetValue(incarnation, out var known))
        {
            if (View.Find(incarnation) is not null || View.Revoked.Any(revoked => revoked.Incarnation == incarnation))
            {
                if (incarnation != Incarnation) _peers.Add(incarnation, new PeerFinding(false, Now, false, number, Now));
            }
        }
        else if (number > known.LeaseNumber)
        {
            _peers[incarnation] = known with { LeaseNumber = number, LeaseSince = Now };
        }
    }

    /// <summary>Drops everything, says so, and begins anew under another incarnation.</summary>
    private void StartOver()
    {
        Serving.Clear();
        Drained.Clear();
        _owned.Clear();
        if (!HasNoStore && grid.Chance(0.7)) Grid(Store.EndLeaseAsync(Incarnation, default));
        Incarnation = GridModel.Id(host, grid.NextLife());
        (_hasJoined, _number, _trustedFrom, _heldSince, _lastRenewed, _leaseViewVersion) = (false, 0, null, null, null, 0);
        _peers.Clear();
        (_slowStart, _turns, _ownsNothingSince) = (new SlowStart(Limits.SlowStart), new MoveTurns(Limits.MovePatience), null);
        var view = View;
        View = ClusterView.Empty(GridModel.Grid);
        Follow(view);
    }

    private static void Grid(Task task) => Assert.True(task.IsCompletedSuccessfully);

    private static T Read<T>(Task<T> task) => task.IsCompletedSuccessfully ? task.Result : throw task.Exception!;
}
