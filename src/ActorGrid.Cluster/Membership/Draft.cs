using ActorGrid.Persistence;

namespace ActorGrid.Cluster;

/// <summary>A proposal in the making: each step changes the view where something is pending, and says why.</summary>
internal sealed class Draft(ClusterView view, Findings findings, MembershipLimits limits, TimeSpan now)
{
    private readonly List<string> _reasons = [];
    private readonly List<Revocation> _revocations = [];
    private readonly Guid _self = findings.Self.Incarnation;
    private readonly ClusterView _before = view;
    private ClusterView _draft = view;
    private bool _isUrgent;

    private Member? Self => _draft.Find(_self);

    /// <summary>Forgets revoked leases that have ended.</summary>
    public void Settle()
    {
        var ended = _draft.Revoked.Select(revoked => revoked.Incarnation).Where(HasEnded).ToArray();
        if (ended.Length == 0) return;
        _draft = Transitions.Settle(_draft, ended);
        foreach (var incarnation in ended) Say($"The revoked lease of {incarnation} has ended.");

        bool HasEnded(Guid incarnation) => findings.Peers.TryGetValue(incarnation, out var peer)
            && Planner.HasEnded(peer, Judgement.RowOf(incarnation, findings, limits, now), limits, now);
    }

    /// <summary>Declares members dead.</summary>
    public void Bury()
    {
        var verdicts = Judgement.Of(_draft, findings, limits, now);
        if (verdicts.Count == 0) return;
        foreach (var (death, expectedNumber, evidence) in verdicts)
        {
            _revocations.Add(new Revocation(death.Incarnation, expectedNumber));
            Say($"{Name(death.Incarnation)} is dead: {evidence}.");
        }
        // Who has the witnesses has waited for its turn before it asked the store.
        _isUrgent |= verdicts.Any(static verdict => verdict.Death.Cause == DepartureCause.Gone);
        _draft = Transitions.Die(_draft, [.. verdicts.Select(verdict => verdict.Death)]);
    }

    /// <summary>Asks to be a member, once the lease is held and the endpoint is free.</summary>
    public void Join()
    {
        bool isWanted = Self is null && !findings.HasJoined && findings.LeaseHeldSince is not null && _draft.Members.Length < ClusterView.MembersMax;
        if (!isWanted || _draft.Members.Any(member => member.Endpoint == findings.Self.Endpoint) || Planner.FaultOfJoin(_draft, findings, limits) is not null) return;
        _draft = Transitions.Join(Transitions.Agree(_draft, limits.Lease), findings.Self, findings.TypeRoles);
        SayOwn($"{Name(_self)} joins.");
    }

    /// <summary>Becomes Up once a majority of those that are Up is reached both ways.</summary>
    public void GoUp()
    {
        if (Self is not { Status: MemberStatus.Joining } || findings.WantsToLeave || findings.LeaseHeldSince is null) return;
        var up = _draft.Members.Where(member => member.Status == MemberStatus.Up).ToArray();
        int reached = up.Count(member => IsReachable(member.Incarnation));
        if (up.Length > 0 && reached * 2 <= up.Length) return;
        _draft = Transitions.Up(_draft, _self);
        SayOwn($"{Name(_self)} is up: it reaches {reached} of {up.Length} members that are.");
    }

    /// <summary>Begins to leave.</summary>
    public void Leave()
    {
        if (!findings.WantsToLeave || Self is not { Status: MemberStatus.Up }) return;
        _draft = Transitions.Leave(_draft, _self);
        SayOwn($"{Name(_self)} leaves.");
    }

    /// <summary>Which member should own which shard.</summary>
    public AllocationPlan Plan(IAllocationStrategy strategy) => AllocationPlan.Of(_before, _draft, strategy);

    /// <summary>Gives owners to shards that have none.</summary>
    public void Assign(AllocationPlan plan)
    {
        if (plan.Assignments.IsEmpty) return;
        _draft = Transitions.Assign(_draft, plan.Assignments);
        Say($"{plan.Assignments.Length} shards without an owner get one.");
    }

    /// <summary>Sets shards out for other owners: a bounded number, and those of one owner at a time, or of one for each 50 members Up. Several that released theirs at once would lose most of their
    /// proposals to each other, and nobody answers for a shard meanwhile.</summary>
    public void Move(AllocationPlan plan)
    {
        if (plan.Moves.IsEmpty) return;
        var (owners, moving) = InHand();
        int up = _draft.Members.Count(static member => member.Status == MemberStatus.Up);
        int room = Math.Max(limits.MovesMax, 2 * up) - moving, turns = Math.Max(1, up / 50);
        var begun = findings.Beginners.IsEmpty ? null : Begun();
        List<Placement> moves = [];
        // Who has lost its turn comes last.
        foreach (var move in plan.Moves.OrderBy(move => findings.Overdue.Contains(_draft[move.Shard].Owner)))
        {
            if (moves.Count >= room) break;
            var (owner, _, next) = _draft[move.Shard];
            if (next != Guid.Empty || owner == move.Target || !IsItsTurn(owner)) continue;
            if (begun is not null && findings.Beginners.Contains(move.Target) && !begun.Add(move.Target)) continue;
            owners.Add(owner);
            moves.Add(move);
        }
        if (moves.Count == 0) return;
        _draft = Transitions.Move(_draft, moves);
        Say($"{moves.Count} shards are to move.");

        // Who leaves needs no turn; where it leaves to may be new all the same.
        bool IsItsTurn(Guid owner) => owners.Contains(owner) || owners.Count < turns || _draft.Find(owner)!.Status == MemberStatus.Leaving;
    }

    /// <summary>Whose turn it is, and how many shards move in all.</summary>
    private (HashSet<Guid> Owners, int Shards) InHand()
    {
        var (owners, moving) = (new HashSet<Guid>(), 0);
        foreach (var shard in _draft.Shards)
        {
            if (!shard.IsMoving) continue;
            moving++;
            if (!findings.Overdue.Contains(shard.Owner)) owners.Add(shard.Owner);
        }
        return (owners, moving);
    }

    /// <summary>The beginners that have their shard, or are about to get it.</summary>
    private HashSet<Guid> Begun()
    {
        var begun = new HashSet<Guid>();
        foreach (var shard in _draft.Shards)
        {
            var holder = shard.IsMoving && !findings.Overdue.Contains(shard.Owner) ? shard.Next : shard.Owner;
            if (findings.Beginners.Contains(holder)) begun.Add(holder);
        }
        return begun;
    }

    /// <summary>Passes on the node's own shards that it has drained.</summary>
    /// <returns>Whether there were any.</returns>
    public bool Release()
    {
        // Only what is to be released by the view that this proposal follows: with that view the node may go on serving all else.
        var released = findings.Drained.Where(drained => Is(drained) && _before.IsToBeReleased(drained.Shard) && CanPass(drained.Shard))
            .Select(drained => drained.Shard).ToArray();
        if (released.Length == 0) return false;
        _draft = Transitions.Release(_draft, _self, released);
        SayOwn($"{Name(_self)} releases {released.Length} shards.");
        return true;

        bool Is(DrainedShard drained) => _before[drained.Shard] is var shard && shard.Owner == _self && shard.Term == drained.Term;

        bool CanPass(ShardId shard) => _draft[shard].IsMoving || _draft.IsToBeReleased(shard);
    }

    /// <summary>Is a member no more, once it has owned nothing for a moment: so the states of the last shards have their time to be handed over.</summary>
    public void Go()
    {
        bool mayGo = Self is { Status: MemberStatus.Leaving } || (Self is { Status: MemberStatus.Joining } && findings.WantsToLeave);
        if (!mayGo || _before.Shards.Any(shard => shard.Owner == _self) || !(now - findings.OwnsNothingSince >= limits.Linger)) return;
        string name = Name(_self);
        _draft = Transitions.Remove(_draft, _self);
        SayOwn($"{name} has left.");
    }

    public Proposal? ToProposal()
    {
        if (ReferenceEquals(_draft, _before)) return null;
        var wait = _isUrgent ? TimeSpan.Zero : limits.RankStep * Planner.Rank(_before, _self, Planner.Subject(_before, IsReachable), IsReachable);
        return new Proposal(
            Transitions.Seal(_before, _draft), [.. _revocations], wait < limits.RankWaitMax ? wait : limits.RankWaitMax, [.. _reasons.Take(Proposal.ReasonsMax)]);
    }

    private bool IsReachable(Guid incarnation) => incarnation == _self || (findings.Peers.TryGetValue(incarnation, out var peer) && peer.IsReachable);

    private void Say(FormattableString reason)
    {
        if (_reasons.Count < Proposal.ReasonsMax) _reasons.Add(FormattableString.Invariant(reason));
    }

    /// <summary>What nobody else proposes: there is nobody to wait for.</summary>
    private void SayOwn(FormattableString reason)
    {
        Say(reason);
        _isUrgent = true;
    }

    private string Name(Guid incarnation) => _draft.Find(incarnation) is { } member ? $"{member.Name} ({incarnation})" : $"{findings.Self.Name} ({incarnation})";
}
