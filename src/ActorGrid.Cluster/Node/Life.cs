using System.Collections.Immutable;
using ActorGrid.Actors;

namespace ActorGrid.Cluster;

/// <summary>One incarnation of a node: its parts, and what it has found out so far.</summary>
internal sealed class Life(NodeParts parts, Standing standing, Member self, ImmutableSortedDictionary<string, string> typeRoles)
{
    private const int JudgesMax = 3;

    /// <summary>After so long the store is not about to notice that a process has gone: its connection is still there, for whatever reason.</summary>
    private static readonly TimeSpan WitnessPatience = TimeSpan.FromMilliseconds(300);

    private readonly LeaseBook _leases = new();
    private readonly SlowStart _slowStart = new(parts.Options.Limits.SlowStart);
    private readonly MoveTurns _turns = new(parts.Options.Limits.MovePatience);
    private readonly SortedSet<DrainedShard> _drained = new(Comparer<DrainedShard>.Create(static (a, b) => a.Shard.CompareTo(b.Shard)));
    private readonly HashSet<Guid> _toldEnded = [];
    private ImmutableSortedDictionary<Guid, PeerSight> _sights = ImmutableSortedDictionary<Guid, PeerSight>.Empty;
    private ImmutableSortedDictionary<Guid, LeaseRow> _rows = ImmutableSortedDictionary<Guid, LeaseRow>.Empty;
    private TimeSpan? _rowsReadAt;
    private TimeSpan? _ownsNothingSince;

    public Standing Standing => standing;

    public ActorRef<ILeaseMessage>? Lease { get; set; }

    public ActorRef<IPeerMessage> Peers { get; set; } = null!;

    public ActorRef<IStewardMessage>? Steward { get; set; }

    /// <summary>Whether its parts are being stopped.</summary>
    public bool IsEnding { get; set; }

    /// <summary>Whether some view had it as a member.</summary>
    public bool HasJoined { get; private set; }

    /// <summary>How many members it reaches both ways.</summary>
    public int Reachable => _sights.Values.Count(s => s.IsReachable);

    /// <summary>Whom it votes against.</summary>
    public ImmutableArray<Guid> Suspects { get; private set; } = [];

    /// <summary>Whether it votes against more than half of the other members.</summary>
    public bool IsCutOff => 2 * Suspects.Length > _sights.Count;

    /// <summary>The clock that all times of the findings are by.</summary>
    public TimeSpan Now => parts.System.Time.GetElapsedTime(0);

    /// <summary>Takes over what a newer view says.</summary>
    public void Follow(ClusterView view)
    {
        HasJoined |= view.Find(standing.Incarnation) is not null;
        _leases.Follow(view, Now);
        if (!parts.IsClient)
        {
            _slowStart.Follow(view, Now);
            _turns.Follow(view, Now);
        }
        if (!HasJoined || view.Shards.Any(shard => shard.Owner == standing.Incarnation)) _ownsNothingSince = null;
        else _ownsNothingSince ??= Now;
        // What the steward has said of an earlier view is void; it says it anew.
        _drained.Clear();
        _toldEnded.RemoveWhere(id => view.Revoked.All(r => r.Incarnation != id));
    }

    /// <summary>How long until more shards may move since time has passed; null: that is not to be waited for.</summary>
    public TimeSpan? NextMoves => _slowStart.Ends.Concat(_turns.Ends).UntilNext(Now);

    /// <summary>Takes over what the node sees of its peers.</summary>
    /// <returns>Whether somebody has gone out of reach whom this node would be among the first to judge.</returns>
    public bool See(ImmutableArray<PeerSight> sights)
    {
        bool isToJudge = sights.Any(s => !s.IsReachable && _sights.TryGetValue(s.Incarnation, out var before) && before.IsReachable && RankFor(s.Incarnation) < JudgesMax);
        _sights = sights.ToImmutableSortedDictionary(s => s.Incarnation, s => s);
        return isToJudge;
    }

    /// <summary>How long this node leaves the reading of the leases to those who would propose before it.</summary>
    public TimeSpan ReadWait(MembershipLimits limits)
    {
        var view = standing.View;
        // Whoever finds its own endpoint taken waits for nobody.
        if (view.Members.Any(m => m.Endpoint == self.Endpoint && m.Incarnation != standing.Incarnation)) return TimeSpan.Zero;
        return limits.RankStep * Planner.Rank(view, standing.Incarnation, Planner.Subject(view, IsReachable), IsReachable);

        bool IsReachable(Guid id) => id == standing.Incarnation || (_sights.TryGetValue(id, out var sight) && sight.IsReachable);
    }

    /// <summary>Whether somebody seems to have gone just now, by its address, and the store has not noticed yet; and this node would be among the first to judge.</summary>
    public bool AwaitsWitness(MembershipLimits limits) =>
        _sights.Values.Any(s => s.IsRefused && parts.System.Time.GetElapsedTime(s.Since) < WitnessPatience && (!_rows.TryGetValue(s.Incarnation, out var row) || row.IsPresent))
        && ReadWait(limits) < JudgesMax * limits.RankStep;

    public void SeeLease(Guid incarnation, long number)
    {
        if (Knows(incarnation)) _leases.Learn(incarnation, number, Now);
    }

    public void SeeRows(IReadOnlyList<LeaseRow> rows, TimeSpan sentAt)
    {
        _rows = rows.ToImmutableSortedDictionary(r => r.Incarnation, r => r);
        _rowsReadAt = sentAt;
        foreach (var row in rows) SeeLease(row.Incarnation, row.Number);
    }

    /// <summary>What was read is known to be old: nobody is judged before the leases are read again.</summary>
    public void ForgetRows() => _rowsReadAt = null;

    /// <summary>The steward has drained a shard. What it says of another view than the present one is void.</summary>
    public void Drained(ShardReady ready)
    {
        if (ready.ViewVersion == standing.View.Version) _drained.Add(new DrainedShard(ready.Shard, ready.Term));
    }

    /// <summary>Looks whom to vote against: members that were out of reach for some heartbeats, so that one that has just been met is not.</summary>
    /// <returns>Whether that has changed.</returns>
    public bool Suspect()
    {
        var patience = 2 * parts.Options.HeartbeatEvery;
        ImmutableArray<Guid> suspects =
        [
            .. _sights.Values.Where(s => !s.IsReachable && parts.System.Time.GetElapsedTime(s.Since) >= patience).Select(s => s.Incarnation)
        ];
        if (suspects.SequenceEqual(Suspects)) return false;
        Suspects = suspects;
        return true;
    }

    /// <summary>The holders of revoked leases that trust them no more, each once.</summary>
    public IReadOnlyList<Guid> NewlyEnded(MembershipLimits limits)
    {
        List<Guid> ended = [];
        foreach (var revoked in standing.View.Revoked)
        {
            var finding = FindingOf(revoked.Incarnation);
            var row = _rowsReadAt >= finding.RevokedSince ? _rows.GetValueOrDefault(revoked.Incarnation) : null;
            if (Planner.HasEnded(finding, row, limits, Now) && _toldEnded.Add(revoked.Incarnation)) ended.Add(revoked.Incarnation);
        }
        return ended;
    }

    public Findings Findings(bool wantsToLeave)
    {
        var view = standing.View;
        var time = parts.System.Time;
        return new Findings
        {
            Self = self,
            HasJoined = HasJoined,
            TypeRoles = typeRoles,
            LeaseHeldSince = standing.Lease.HeldSince is { } since ? time.GetElapsedTime(0, since) : null,
            WantsToLeave = wantsToLeave,
            Drained = [.. _drained],
            OwnsNothingSince = _ownsNothingSince,
            Beginners = _slowStart.Beginners(Now),
            Overdue = _turns.Overdue(Now),
            Peers = view.Members.Select(m => m.Incarnation).Concat(view.Revoked.Select(r => r.Incarnation)).Where(id => id != standing.Incarnation)
                .ToImmutableSortedDictionary(id => id, FindingOf),
            Leases = _rows,
            LeasesReadAt = _rowsReadAt,
        };
    }

    private int RankFor(Guid subject) => Planner.Rank(standing.View, standing.Incarnation, subject);

    private bool Knows(Guid incarnation) =>
        standing.View.Find(incarnation) is not null || standing.View.Revoked.Any(r => r.Incarnation == incarnation);

    private PeerFinding FindingOf(Guid incarnation)
    {
        var lease = _leases[incarnation];
        var time = parts.System.Time;
        return _sights.TryGetValue(incarnation, out var sight)
            ? new PeerFinding(sight.IsReachable, time.GetElapsedTime(0, sight.Since), sight.IsRefused, lease.Number, lease.Since, lease.RevokedSince)
            : new PeerFinding(false, lease.Since, false, lease.Number, lease.Since, lease.RevokedSince);
    }
}
