using ActorGrid.Persistence;
using static ActorGrid.Cluster.Tests.GridModel;

namespace ActorGrid.Cluster.Tests;

/// <summary>How members come and go, and how shards move, by what their nodes propose.</summary>
public sealed class PlannerTests
{
    private static readonly ClusterView Nobody = ClusterView.Empty(Grid);

    [Fact]
    public void The_first_member_is_up_at_once_and_owns_everything()
    {
        var view = Plan(Nobody, Calm(Nobody, Node(1)))!.Next;
        Assert.Equal(MemberStatus.Up, Assert.Single(view.Members).Status);
        Assert.All(view.Shards, shard => Assert.Equal(new ShardOwnership(Id(1), 1, Guid.Empty), shard));
    }

    [Fact]
    public void A_member_joins_only_with_a_lease() => Assert.Null(Plan(Nobody, Calm(Nobody, Node(1)) with { LeaseHeldSince = null }));

    [Fact]
    public void A_joiner_is_up_when_a_majority_reaches_it()
    {
        var view = UpGrid(4);
        var reached2 = Calm(view, Node(5)).See(Id(1), peer => peer with { IsReachable = false }).See(Id(2), peer => peer with { IsReachable = false });
        var joining = Plan(view, reached2)!.Next;
        Assert.Equal(MemberStatus.Joining, joining.Find(Id(5))!.Status);
        Assert.DoesNotContain(joining.Shards, shard => shard.Next == Id(5));
        var up = Plan(joining, Calm(joining, Node(5)).See(Id(1), peer => peer with { IsReachable = false }))!.Next;
        Assert.Equal(MemberStatus.Up, up.Find(Id(5))!.Status);
        Assert.Contains(up.Shards, shard => shard.Next == Id(5));
    }

    [Fact]
    public void Who_was_a_member_once_has_no_say_under_that_incarnation_any_more()
    {
        var view = UpGrid(2);
        var findings = Calm(view, Node(3));
        Assert.Null(Plan(view, findings with { HasJoined = true }));
        Assert.Null(Plan(view, findings with { WantsToLeave = true }));
        Assert.Null(Plan(view, findings.Row(Id(3), row => row with { IsRevoked = true })));
        Assert.Null(Plan(view, findings.Row(Id(3), row => row with { HasEnded = true })));
        var buried = Transitions.Seal(view, Transitions.Die(view, [new Death(Id(2), DepartureCause.Silent, 1)]));
        Assert.Null(Plan(buried, Calm(buried, Node(2))));
    }

    [Fact]
    public void A_node_that_starts_again_buries_its_former_self()
    {
        var view = UpGrid(3);
        var again = Node(2, life: 2);
        var findings = Calm(view, again);
        Assert.Null(Plan(view, findings.See(Id(2), peer => peer with { IsReachable = false })));
        findings = findings.See(Id(2), peer => peer with { IsReachable = false }).Row(Id(2), row => row with { IsPresent = false });
        var next = Plan(view, findings)!.Next;
        Assert.Null(next.Find(Id(2)));
        Assert.Equal(MemberStatus.Up, next.Find(Id(2, 2))!.Status);
    }

    [Fact]
    public void A_grid_whose_nodes_all_died_comes_back_on_the_same_endpoints()
    {
        var view = UpGrid(3);
        var terms = view.Shards.Select(shard => shard.Term).ToArray();
        foreach (int n in (int[])[2, 3, 1])
        {
            var findings = Calm(view, Node(n, life: 2));
            for (int old = 1; old <= 3; old++)
            {
                if (view.Find(Id(old)) is null) continue;
                findings = findings.See(Id(old), peer => peer with { IsReachable = false, IsRefused = old != n }).Row(Id(old), row => row with { IsPresent = false });
            }
            view = Plan(view, findings)!.Next;
        }
        Assert.Equal([Id(2, 2), Id(3, 2), Id(1, 2)], view.Members.Select(member => member.Incarnation));
        view = Finish(view);
        Assert.All(view.Members, member => Assert.Equal(MemberStatus.Up, member.Status));
        Assert.All(view.Shards, (shard, i) => Assert.True(shard.Term > terms[i]));
    }

    [Fact]
    public void Who_joins_a_grid_of_dead_machines_waits_their_leases_out_and_is_up()
    {
        var view = UpGrid(3);
        var findings = Calm(view, Node(4));
        foreach (int n in (int[])[1, 2, 3]) findings = findings.See(Id(n), peer => peer with { IsReachable = false, LeaseSince = Now - Limits.WaitOut });
        var next = Plan(view, findings)!.Next;
        Assert.Equal([Id(4)], next.Members.Select(member => member.Incarnation));
        Assert.All(next.Shards, shard => Assert.Equal(Id(4), shard.Owner));
        // Not so while one of them renews: that one judges, and the joiner waits for it.
        var one = Plan(view, findings.See(Id(1), peer => peer with { LeaseSince = Now }))!.Next;
        Assert.Equal(4, one.Members.Length);
        Assert.Equal(MemberStatus.Joining, one.Find(Id(4))!.Status);
    }

    [Fact]
    public void A_leaver_gives_its_shards_away_and_goes_when_it_has_none()
    {
        var view = Plan(UpGrid(3), Calm(UpGrid(3), Node(3)) with { WantsToLeave = true })!.Next;
        Assert.Equal(MemberStatus.Leaving, view.Find(Id(3))!.Status);
        Assert.All(view.Shards, shard => Assert.True(shard.Owner != Id(3) || shard.IsMoving));
        var findings = Calm(view, Node(3)) with { WantsToLeave = true };
        Assert.Null(Plan(view, findings));
        var released = Plan(view, Drained(findings, view))!.Next;
        Assert.DoesNotContain(released.Shards, shard => shard.Owner == Id(3));
        Assert.NotNull(released.Find(Id(3)));
        // The states of its last shards are on their way.
        Assert.Null(Plan(released, Calm(released, Node(3)) with { OwnsNothingSince = Now - 0.9 * Limits.Linger }));
        var gone = Plan(released, Calm(released, Node(3)) with { OwnsNothingSince = Now - Limits.Linger })!.Next;
        Assert.Null(gone.Find(Id(3)));
        Assert.Equal(DepartureCause.Left, gone.Departures[^1].Cause);
    }

    [Fact]
    public void The_last_member_leaves_its_shards_to_nobody_once_it_has_drained_them()
    {
        var view = UpGrid(1);
        var leaving = Plan(view, Calm(view, Node(1)) with { WantsToLeave = true })!.Next;
        Assert.All(leaving.Shards, (_, i) => Assert.True(leaving.IsToBeReleased(new ShardId(i))));
        Assert.Null(Plan(leaving, Calm(leaving, Node(1))));
        var released = Plan(leaving, Drained(Calm(leaving, Node(1)), leaving))!.Next;
        Assert.All(released.Shards, shard => Assert.Equal(new ShardOwnership(Guid.Empty, 1, Guid.Empty), shard));
        Assert.Empty(Plan(released, Calm(released, Node(1)))!.Next.Members);
    }

    [Fact]
    public void Only_what_was_drained_in_this_term_and_is_to_be_released_is_released()
    {
        var view = Plan(UpGrid(2), Calm(UpGrid(2), Node(3)))!.Next;
        var moving = new ShardId(Enumerable.Range(0, 64).First(i => view.Shards[i].IsMoving));
        var staying = new ShardId(Enumerable.Range(0, 64).First(i => view.Shards[i] is { IsMoving: false } shard && shard.Owner == view[moving].Owner));
        var owner = view.Members.Single(member => member.Incarnation == view[moving].Owner);
        Assert.Null(Release(moving, view[moving].Term + 1));
        Assert.Null(Release(staying, view[staying].Term));
        var next = Release(moving, view[moving].Term)!.Next;
        Assert.Equal(new ShardOwnership(Id(3), view[moving].Term + 1, Guid.Empty), next[moving]);
        Assert.Single(next.Shards.Zip(view.Shards), pair => pair.First != pair.Second);

        Proposal? Release(ShardId shard, long term) => Plan(view, Calm(view, owner) with { Drained = [new DrainedShard(shard, term)] });
    }

    [Fact]
    public void What_was_drained_for_a_member_that_died_goes_to_another_or_stays()
    {
        var view = Plan(UpGrid(3), Calm(UpGrid(3), Node(3)) with { WantsToLeave = true })!.Next;
        var findings = Drained(Calm(view, Node(3)), view).See(Id(2), peer => peer with { IsReachable = false, IsRefused = true }).Row(Id(2), row => row with { IsPresent = false });
        var next = Plan(view, findings)!.Next;
        Assert.All(next.Shards, shard => Assert.Equal(Id(1), shard.Owner));
    }

    [Fact]
    public void A_bounded_number_of_shards_moves_at_a_time()
    {
        var grid = new GridIdentity("large", 1024);
        var view = ClusterView.Empty(grid);
        view = Plan(view, Calm(view, Node(1)))!.Next;
        view = Plan(view, Calm(view, Node(2)))!.Next;
        Assert.Equal(64, view.Shards.Count(shard => shard.IsMoving));
        Assert.Null(Plan(view, Calm(view, Node(2))));
        var moving = new ShardId(Enumerable.Range(0, 1024).First(i => view.Shards[i].IsMoving));
        view = Plan(view, Calm(view, Node(1)) with { Drained = [new DrainedShard(moving, 1)] })!.Next;
        Assert.Equal(Id(2), view[moving].Owner);
        // What was released makes room at once.
        Assert.Equal(64, view.Shards.Count(shard => shard.IsMoving));
        view = Finish(view);
        Assert.InRange(view.Shards.Count(shard => shard.Owner == Id(2)), 448, 576);
    }

    [Fact]
    public void Shards_of_one_owner_move_at_a_time_but_for_those_of_members_that_leave()
    {
        var view = Plan(UpGrid(3), Calm(UpGrid(3), Node(4)))!.Next;
        var first = Assert.Single(Movers(view));
        Assert.Null(Plan(view, Calm(view, Node(4))));
        // When it has released them, the next one's turn has come with the same proposal.
        view = Plan(view, Drained(Calm(view, view.Find(first)!), view))!.Next;
        var second = Assert.Single(Movers(view));
        Assert.NotEqual(first, second);
        var third = new[] { Id(1), Id(2), Id(3) }.Single(id => id != first && id != second);
        view = Plan(view, Calm(view, view.Find(third)!) with { WantsToLeave = true })!.Next;
        Assert.Equal(new[] { second, third }.Order(), Movers(view));
        Assert.DoesNotContain(view.Shards, shard => shard.Owner == third && !shard.IsMoving);

        static Guid[] Movers(ClusterView view) => [.. view.Shards.Where(shard => shard.IsMoving).Select(shard => shard.Owner).Distinct().Order()];
    }

    [Fact]
    public void An_owner_that_does_not_get_on_holds_up_nobody_else()
    {
        var view = Plan(UpGrid(3), Calm(UpGrid(3), Node(4)) with { Beginners = [Id(4)] })!.Next;
        var stuck = view.Shards.Single(shard => shard.IsMoving).Owner;
        Assert.Null(Plan(view, Calm(view, Node(4)) with { Beginners = [Id(4)] }));
        // The beginner gets its shard from another.
        var next = Plan(view, Calm(view, Node(4)) with { Beginners = [Id(4)], Overdue = [stuck] })!.Next;
        Assert.Single(next.Shards, shard => shard.IsMoving && shard.Owner != stuck);
        // And then all that others have for it.
        next = Plan(view, Calm(view, Node(4)) with { Overdue = [stuck] })!.Next;
        Assert.Contains(next.Shards, shard => shard.IsMoving && shard.Owner != stuck);
    }

    [Fact]
    public void Shards_of_more_owners_move_in_a_large_grid()
    {
        var grid = new GridIdentity("large", 1024);
        var view = ClusterView.Empty(grid);
        for (int n = 1; n <= 100; n++) view = Plan(view, Calm(view, Node(n)))!.Next;
        view = Finish(view);
        view = Plan(view, Calm(view, Node(101)))!.Next;
        Assert.Equal(2, view.Shards.Where(shard => shard.IsMoving).Select(shard => shard.Owner).Distinct().Count());
    }

    [Fact]
    public void A_beginner_is_given_one_shard_and_no_more()
    {
        var view = UpGrid(2);
        view = Plan(view, Calm(view, Node(3)) with { Beginners = [Id(3)] })!.Next;
        var first = new ShardId(Enumerable.Range(0, 64).Single(i => view.Shards[i].IsMoving));
        Assert.Equal(Id(3), view[first].Next);
        // Neither while it is on its way nor when it is there.
        Assert.Null(Plan(view, Calm(view, Node(1)) with { Beginners = [Id(3)] }));
        var owner = view.Members.Single(member => member.Incarnation == view[first].Owner);
        view = Plan(view, Calm(view, owner) with { Beginners = [Id(3)], Drained = [new DrainedShard(first, view[first].Term)] })!.Next;
        Assert.Equal(Id(3), view[first].Owner);
        Assert.Null(Plan(view, Calm(view, Node(1)) with { Beginners = [Id(3)] }));
        // The shards of a member that leaves go to others; what it has for the beginner waits.
        var leaving = Plan(view, Calm(view, Node(2)) with { Beginners = [Id(3)], WantsToLeave = true })!.Next;
        Assert.Contains(leaving.Shards, shard => shard.Next == Id(1));
        Assert.DoesNotContain(leaving.Shards, shard => shard.Next == Id(3));
        view = Plan(view, Calm(view, Node(1)))!.Next;
        Assert.InRange(view.Shards.Count(shard => shard.Next == Id(3)), 10, 30);
    }

    [Fact]
    public void Shards_without_an_owner_go_to_beginners_too()
    {
        var view = Plan(Nobody, Calm(Nobody, Node(1)) with { Beginners = [Id(1)] })!.Next;
        Assert.All(view.Shards, shard => Assert.Equal(Id(1), shard.Owner));
    }

    [Fact]
    public void Shards_of_a_role_go_only_to_members_that_play_it()
    {
        var types = Nobody.TypeRoles.Add("plain", "").Add("heavy", "big");
        var small = Calm(Nobody, Node(1)) with { TypeRoles = types };
        var view = Plan(Nobody, small)!.Next;
        Assert.All(view.Shards[64..], shard => Assert.Equal(Guid.Empty, shard.Owner));
        view = Finish(Plan(view, Calm(view, Node(2) with { Roles = ["big", "blue"] }) with { TypeRoles = types })!.Next);
        Assert.All(view.Shards[64..], shard => Assert.Equal(Id(2), shard.Owner));
        Assert.Contains(view.Shards[..64], shard => shard.Owner == Id(1));
        var leaving = Plan(view, Calm(view, Node(2)) with { WantsToLeave = true })!.Next;
        Assert.True(leaving.IsToBeReleased(new ShardId(70)));
        view = Finish(leaving);
        Assert.Equal([Id(1)], view.Members.Select(member => member.Incarnation));
        Assert.All(view.Shards[64..], shard => Assert.Equal(new ShardOwnership(Guid.Empty, 1, Guid.Empty), shard));
    }

    [Theory]
    [MemberData(nameof(AllocationStrategyTests.All), MemberType = typeof(AllocationStrategyTests))]
    public void In_a_rolling_upgrade_each_shard_moves_once_and_to_the_new_version(IAllocationStrategy strategy)
    {
        var view = UpGrid(4);
        long[] terms = [.. view.Shards.Select(shard => shard.Term)];
        for (int n = 1; n <= 4; n++)
        {
            // One more of the new version comes, then one of the old goes; in between the grid comes to rest.
            view = Finish(Planner.Plan(view, Calm(view, Node(10 + n) with { Version = 1 }), strategy, Limits, Now)!.Next, strategy);
            if (n < 4) view = Finish(Planner.Plan(view, Calm(view, Node(n)) with { WantsToLeave = true }, strategy, Limits, Now)!.Next, strategy);
            Assert.All(view.Shards, (shard, i) => Assert.InRange(shard.Term, terms[i], terms[i] + 1));
            Assert.All(view.Shards, (shard, i) => Assert.Equal(shard.Term > terms[i], view.Find(shard.Owner)!.Version == 1));
        }
        view = Finish(Planner.Plan(view, Calm(view, Node(4)) with { WantsToLeave = true }, strategy, Limits, Now)!.Next, strategy);
        Assert.All(view.Shards, shard => Assert.Equal(1, view.Find(shard.Owner)!.Version));
    }

    [Fact]
    public void Proposers_take_turns_by_rank_and_the_order_differs_from_subject_to_subject()
    {
        var view = UpGrid(10);
        var firsts = new HashSet<Guid>();
        for (int n = 1; n <= 10; n++)
        {
            var ranks = view.Members.Where(member => member.Incarnation != Id(n)).ToDictionary(m => Planner.Rank(view, m.Incarnation, Id(n)), m => m.Incarnation);
            Assert.Equal(Enumerable.Range(0, 9), ranks.Keys.Order());
            firsts.Add(ranks[0]);
        }
        Assert.True(firsts.Count > 3);
        var expired = Calm(view, Node(1)).See(Id(2), peer => peer with { IsReachable = false, LeaseSince = Now - Limits.WaitOut });
        Assert.Equal(Limits.RankStep * Planner.Rank(view, Id(1), Id(2)), Plan(view, expired)!.Wait);
        Assert.Equal(TimeSpan.Zero, Plan(view, expired with { WantsToLeave = true })!.Wait);
        // Who cannot act is not waited for.
        var alone = view.Members.Skip(1).Aggregate(expired, (findings, member) => findings.See(member.Incarnation, peer => peer with { IsReachable = false }));
        Assert.Equal(TimeSpan.Zero, Plan(view, alone)!.Wait);
    }

    [Fact]
    public void A_node_that_can_never_join_is_told_why()
    {
        var view = Plan(Nobody, Calm(Nobody, Node(1)) with { TypeRoles = Nobody.TypeRoles.Add("account", "blue") })!.Next;
        var other = Calm(view, Node(2)) with { TypeRoles = Nobody.TypeRoles.Add("account", "red") };
        Assert.Contains("'account' has the role 'blue'", Planner.FaultOfJoin(view, other, Limits), StringComparison.Ordinal);
        Assert.Null(Plan(view, other));
        var longer = Limits with { LeaseDuration = TimeSpan.FromSeconds(5) };
        string fault = Planner.FaultOfJoin(view, other with { TypeRoles = view.TypeRoles }, longer)!;
        Assert.Contains("3000 ms and 300 ms of drift in the grid", fault, StringComparison.Ordinal);
        Assert.Contains("5000 ms and 300 ms of drift here", fault, StringComparison.Ordinal);
        Assert.Null(Planner.Plan(view, other with { TypeRoles = view.TypeRoles }, Strategy, longer, Now));
        Assert.Null(Planner.FaultOfJoin(view, other with { TypeRoles = view.TypeRoles }, Limits));
        Assert.Contains("weight", Planner.FaultOfJoin(view, Calm(view, Node(2) with { Weight = 0 }), Limits), StringComparison.Ordinal);
        var huge = ClusterView.Empty(new GridIdentity("huge", GridIdentity.ShardCountMax));
        Assert.Null(Planner.FaultOfJoin(huge, Calm(huge, Node(1)), Limits));
        Assert.Contains("131072 shards", Planner.FaultOfJoin(huge, other, Limits), StringComparison.Ordinal);
    }

    [Fact]
    public void Who_waits_for_its_turn_asks_the_strategy_once()
    {
        var view = UpGrid(4);
        var strategy = new CountingStrategy();
        var findings = Calm(view, Node(1)).See(Id(3), peer => peer with { IsReachable = false, LeaseSince = Now - Limits.WaitOut });
        var first = Planner.Plan(view, findings, strategy, Limits, Now)!;
        int asked = strategy.Asked;
        Assert.True(asked > 0);
        Assert.Equal(first.Next.Shards.ToArray(), Planner.Plan(view, findings with { LeasesReadAt = Now }, strategy, Limits, Now)!.Next.Shards.ToArray());
        Assert.Equal(asked, strategy.Asked);
        // Two that are dead are another matter than one.
        var both = findings.See(Id(4), peer => peer with { IsReachable = false, LeaseSince = Now - Limits.WaitOut });
        Assert.Empty(Planner.Plan(view, both, strategy, Limits, Now)!.Next.Shards.Where(shard => shard.Owner == Id(3) || shard.Owner == Id(4)));
        Assert.True(strategy.Asked > asked);
    }

    [Fact]
    public void Those_that_release_their_shards_at_once_have_turns_after_they_have_lost()
    {
        var view = UpGrid(4);
        for (int n = 1; n <= 3; n++) view = Plan(view, Calm(view, Node(n)) with { WantsToLeave = true })!.Next;
        Assert.Equal([Id(1), Id(2), Id(3)], view.Shards.Where(shard => shard.IsMoving).Select(shard => shard.Owner).Distinct().Order());
        Assert.Equal([0, 1, 2], new[] { Id(1), Id(2), Id(3) }.Select(leaver => Planner.RankOfOwn(view, leaver)).Order());
    }

    private sealed class CountingStrategy : IAllocationStrategy
    {
        public int Asked { get; private set; }

        public void Allocate(ReadOnlySpan<Member> members, ShardId first, ReadOnlySpan<int> owners, Span<int> targets)
        {
            Asked++;
            Strategy.Allocate(members, first, owners, targets);
        }
    }

    [Fact]
    public void Lease_rows_are_wanted_only_when_something_is_amiss()
    {
        var view = UpGrid(3);
        var calm = Calm(view, Node(1));
        Assert.False(Wants(calm));
        Assert.False(Wants(calm.See(Id(2), peer => peer with { IsReachable = false, Since = Now })));
        Assert.True(Wants(calm.See(Id(2), peer => peer with { IsReachable = false, IsRefused = true })));
        Assert.True(Wants(calm.See(Id(2), peer => peer with { IsReachable = false, Since = Now - Limits.SilentAfter })));
        Assert.True(Wants(calm.See(Id(2), peer => peer with { LeaseSince = Now - Limits.StalledAfter })));
        Assert.True(Wants(Calm(view, Node(2, life: 2))));
        Assert.True(Planner.WantsLeases(view.Change(revoked: [new RevokedLease(Id(9), 1)]), calm, Limits, Now));

        bool Wants(Findings findings) => Planner.WantsLeases(view, findings, Limits, Now);
    }
}
