using static ActorGrid.Cluster.Tests.GridModel;

namespace ActorGrid.Cluster.Tests;

/// <summary>Who is declared dead, by what evidence, and who is not.</summary>
public sealed class JudgementTests
{
    private static readonly TimeSpan RunOut = Now - Limits.WaitOut;
    private readonly ClusterView _view = UpGrid(3);

    [Fact]
    public void A_grid_in_order_has_nothing_to_change()
    {
        foreach (var member in _view.Members) Assert.Null(Plan(_view, Calm(_view, member)));
    }

    [Fact]
    public void Two_witnesses_are_enough_to_declare_a_member_dead_at_once()
    {
        var proposal = Plan(_view, Gone(Calm(_view, Node(1)), 3));
        Assert.NotNull(proposal);
        Assert.Null(proposal.Next.Find(Id(3)));
        Assert.Empty(proposal.Next.Revoked);
        Assert.Equal([new Revocation(Id(3), null)], proposal.Revocations.ToArray());
        Assert.All(proposal.Next.Shards, shard => Assert.True(shard.Owner == Id(1) || shard.Owner == Id(2)));
        Assert.Equal(DepartureCause.Gone, Assert.Single(proposal.Next.Departures).Cause);
    }

    [Fact]
    public void One_witness_is_not_enough()
    {
        Assert.Null(Plan(_view, Calm(_view, Node(1)).See(Id(3), peer => peer with { IsReachable = false, IsRefused = true })));
        Assert.Null(Plan(_view, Calm(_view, Node(1)).See(Id(3), peer => peer with { IsReachable = false }).Row(Id(3), row => row with { IsPresent = false })));
        Assert.Null(Plan(_view, Calm(_view, Node(1)).Row(Id(3), row => row with { IsPresent = false })));
    }

    [Theory]
    [InlineData("machine-3", true)]
    [InlineData("another", false)]
    [InlineData(null, false)]
    public void Its_own_endpoint_is_a_witness_only_against_one_of_its_own_host(string? host, bool isWitness)
    {
        // Two hosts may advertise one endpoint. The store has only lost the connection of the one that was there first, and that one trusts its lease.
        foreach (string? was in (string?[])[Node(3).Host, null])
        {
            var view = UpGrid(Node(1), Node(2), Node(3) with { Host = was });
            var findings = Calm(view, Node(3, life: 1) with { Host = host }).See(Id(3), peer => peer with { IsReachable = false }).Row(Id(3), row => row with { IsPresent = false });
            Assert.Equal(isWitness && was is not null, Plan(view, findings)?.Next.Departures.Any(departure => departure.Incarnation == Id(3)) ?? false);
        }
    }

    [Fact]
    public void Rows_that_were_read_long_ago_are_no_witness() =>
        Assert.Null(Plan(_view, Gone(Calm(_view, Node(1)), 3) with { LeasesReadAt = Now - Limits.RowsFreshFor - TimeSpan.FromTicks(1) }));

    [Fact]
    public void Two_that_die_at_once_are_declared_dead_in_one_proposal()
    {
        var proposal = Plan(_view, Gone(Gone(Calm(_view, Node(1)), 2), 3));
        Assert.Equal([Id(1)], proposal!.Next.Members.Select(member => member.Incarnation));
        Assert.All(proposal.Next.Shards, shard => Assert.Equal(Id(1), shard.Owner));
    }

    [Fact]
    public void A_lease_that_was_not_renewed_for_its_duration_and_the_drift_has_run_out()
    {
        Assert.Null(Plan(_view, Stalled(Calm(_view, Node(1)), 3, RunOut + TimeSpan.FromTicks(1))));
        var proposal = Plan(_view, Stalled(Calm(_view, Node(1)), 3, RunOut));
        Assert.Null(proposal!.Next.Find(Id(3)));
        Assert.Empty(proposal.Next.Revoked);
        Assert.Equal([new Revocation(Id(3), 7)], proposal.Revocations.ToArray());
    }

    [Fact]
    public void Nobody_judges_by_leases_before_it_has_held_its_own_for_a_full_term()
    {
        var findings = Stalled(Calm(_view, Node(1)), 3, RunOut);
        Assert.Null(Plan(_view, findings with { LeaseHeldSince = null }));
        Assert.Null(Plan(_view, findings with { LeaseHeldSince = Now - Limits.LeaseDuration + TimeSpan.FromTicks(1) }));
        Assert.NotNull(Plan(_view, findings with { LeaseHeldSince = Now - Limits.LeaseDuration }));
    }

    [Fact]
    public void A_renewal_that_the_store_has_and_the_node_has_not_heard_of_keeps_the_member() =>
        Assert.Null(Plan(_view, Stalled(Calm(_view, Node(1)), 3, RunOut).Row(Id(3), row => row with { Number = 8 })));

    [Fact]
    public void A_member_that_has_ended_its_lease_is_dead_at_once()
    {
        var proposal = Plan(_view, Calm(_view, Node(1)).Row(Id(3), row => row with { HasEnded = true }));
        Assert.Null(proposal!.Next.Find(Id(3)));
        Assert.Empty(proposal.Next.Revoked);
    }

    [Fact]
    public void Of_two_parts_the_larger_stays_and_the_leases_of_the_other_are_waited_out()
    {
        var view = UpGrid(5);
        int[] few = [1, 2], many = [3, 4, 5];
        foreach (int n in few) Assert.Null(Plan(view, Split(view, n, few, many)));
        foreach (int n in many)
        {
            var proposal = Plan(view, Split(view, n, few, many));
            Assert.Equal([Id(3), Id(4), Id(5)], proposal!.Next.Members.Select(member => member.Incarnation));
            Assert.Equal([new RevokedLease(Id(1), 7), new RevokedLease(Id(2), 7)], proposal.Next.Revoked.ToArray());
            Assert.Equal([new Revocation(Id(1), null), new Revocation(Id(2), null)], proposal.Revocations.ToArray());
        }
    }

    [Fact]
    public void Of_equal_parts_that_with_the_oldest_member_stays()
    {
        var view = UpGrid(4);
        int[] first = [1, 4], second = [2, 3];
        foreach (int n in second) Assert.Null(Plan(view, Split(view, n, first, second)));
        foreach (int n in first) Assert.Equal([Id(1), Id(4)], Plan(view, Split(view, n, first, second))!.Next.Members.Select(member => member.Incarnation));
    }

    [Fact]
    public void A_pair_that_is_cut_off_but_reaches_a_third_is_left_alone()
    {
        foreach (int n in (int[])[1, 2, 3])
        {
            var findings = Calm(_view, Node(n)).Row(Id(1), row => row with { Suspects = [Id(2)] }).Row(Id(2), row => row with { Suspects = [Id(1)] });
            if (n < 3) findings = findings.See(Id(3 - n), Unreached);
            Assert.Null(Plan(_view, findings));
        }
    }

    [Fact]
    public void A_vote_in_one_direction_cuts_the_pair()
    {
        var findings = Calm(_view, Node(1)).See(Id(3), Unreached).Row(Id(1), row => row with { Suspects = [Id(3)] }).Row(Id(2), row => row with { Suspects = [Id(3)] });
        Assert.Equal([Id(1), Id(2)], Plan(_view, findings)!.Next.Members.Select(member => member.Incarnation));
    }

    [Fact]
    public void One_whom_the_node_itself_reaches_or_has_just_lost_is_not_silent()
    {
        var votes = Calm(_view, Node(1)).Row(Id(1), row => row with { Suspects = [Id(3)] }).Row(Id(2), row => row with { Suspects = [Id(3)] });
        Assert.Null(Plan(_view, votes));
        Assert.Null(Plan(_view, votes.See(Id(3), peer => Unreached(peer) with { Since = Now - Limits.SilentAfter + TimeSpan.FromTicks(1) })));
        Assert.NotNull(Plan(_view, votes.See(Id(3), Unreached)));
    }

    [Fact]
    public void One_that_has_stopped_renewing_is_left_to_run_out()
    {
        var findings = Split(_view, 1, [1, 2], [3]).See(Id(3), peer => peer with { LeaseSince = Now - Limits.StalledAfter });
        Assert.Null(Plan(_view, findings));
    }

    [Fact]
    public void One_that_was_not_seen_to_renew_since_it_went_out_of_reach_may_have_been_stopped()
    {
        var findings = Split(_view, 1, [1, 2], [3]);
        Assert.Null(Plan(_view, findings.See(Id(3), peer => peer with { LeaseSince = peer.Since })));
        Assert.NotNull(Plan(_view, findings.See(Id(3), peer => peer with { LeaseSince = peer.Since + TimeSpan.FromTicks(1) })));
    }

    [Fact]
    public void Who_waits_for_a_lease_wakes_up_when_it_has_run_out()
    {
        var findings = Stalled(Calm(_view, Node(1)), 3, RunOut + TimeSpan.FromMilliseconds(20));
        Assert.Equal(TimeSpan.FromMilliseconds(20), Planner.NextRunOut(findings, Limits, Now));
        // One that has run out is not waited for, and a revoked one counts from when it was known to be, if that is earlier.
        Assert.Equal(Limits.WaitOut - TimeSpan.FromMilliseconds(400), Planner.NextRunOut(Stalled(findings, 3, RunOut), Limits, Now));
        Assert.Equal(TimeSpan.FromMilliseconds(5), Planner.NextRunOut(findings.See(Id(2), peer => peer with { RevokedSince = RunOut + TimeSpan.FromMilliseconds(5) }), Limits, Now));
    }

    [Fact]
    public void Votes_of_members_whose_leases_have_run_out_do_not_count()
    {
        var view = UpGrid(5);
        // 4 and 5 died together, and their last votes saw each other and nobody against them: they would be the older part with node 1 cut off from the rest.
        var findings = Stalled(Stalled(Split(view, 2, [1], [2, 3]), 4, RunOut), 5, RunOut);
        Assert.Equal([Id(2), Id(3)], Plan(view, findings)!.Next.Members.Select(member => member.Incarnation));
    }

    [Fact]
    public void A_joiner_that_dies_before_it_is_up_is_removed()
    {
        var view = Plan(_view, Unseen(Calm(_view, Node(4))))!.Next;
        Assert.Equal(MemberStatus.Joining, view.Find(Id(4))!.Status);
        Assert.Null(Plan(view, Gone(Calm(view, Node(1)), 4))!.Next.Find(Id(4)));
        Assert.Null(Plan(view, Stalled(Calm(view, Node(1)), 4, RunOut))!.Next.Find(Id(4)));
    }

    [Fact]
    public void A_leaver_that_dies_loses_what_it_still_had()
    {
        var view = Plan(_view, Calm(_view, Node(3)) with { WantsToLeave = true })!.Next;
        Assert.Contains(view.Shards, shard => shard.Owner == Id(3) && shard.IsMoving);
        var after = Plan(view, Gone(Calm(view, Node(1)), 3))!.Next;
        Assert.All(after.Shards, shard => Assert.True(shard.Owner == Id(1) || shard.Owner == Id(2)));
        Assert.All(Enumerable.Range(0, 64), i => Assert.Equal(view.Shards[i].Term + (view.Shards[i].Owner == Id(3) ? 1 : 0), after.Shards[i].Term));
    }

    [Fact]
    public void What_moves_to_a_member_that_dies_stays_or_moves_to_another()
    {
        var view = Plan(_view, Calm(_view, Node(4)))!.Next;
        var moving = Enumerable.Range(0, 64).Where(i => view.Shards[i].Next == Id(4)).ToArray();
        Assert.NotEmpty(moving);
        var after = Plan(view, Gone(Calm(view, Node(1)), 4))!.Next;
        Assert.All(moving, i => Assert.Equal(view.Shards[i] with { Next = Guid.Empty }, after.Shards[i]));
    }

    [Fact]
    public void A_revoked_lease_is_settled_when_its_time_is_over_or_its_holder_says_so()
    {
        var view = UpGrid(5);
        view = Plan(view, Split(view, 3, [1, 2], [3, 4, 5]))!.Next;
        var calm = Calm(view, Node(3));
        calm = calm with
        {
            Peers = calm.Peers.Concat([Revoked(1, Now), Revoked(2, Now)]).ToDictionary(),
            Leases = calm.Leases.Concat([RevokedRow(1), RevokedRow(2)]).ToDictionary(),
        };
        Assert.Null(Plan(view, calm));
        Assert.Equal([Id(2)], Left(calm.See(Id(1), peer => peer with { RevokedSince = RunOut })));
        Assert.Equal([Id(2)], Left(calm.Row(Id(1), row => row with { HasEnded = true })));
        Assert.Equal([Id(2)], Left(calm.See(Id(1), peer => peer with { LeaseSince = RunOut })));
        Assert.Null(Plan(view, calm.See(Id(1), peer => peer with { LeaseSince = RunOut }).Row(Id(1), row => row with { Number = 8 })));
        Assert.Null(Plan(view, calm.Row(Id(1), row => row with { IsPresent = false })));

        Guid[] Left(Findings findings) => [.. Plan(view, findings)!.Next.Revoked.Select(revoked => revoked.Incarnation)];
    }

    [Fact]
    public void Without_a_row_only_time_settles_a_revoked_lease()
    {
        var peer = new PeerFinding(false, LongAgo, true, 7, LongAgo, RunOut + TimeSpan.FromTicks(1));
        Assert.False(Planner.HasEnded(peer, null, Limits, Now));
        Assert.True(Planner.HasEnded(peer, null, Limits, Now + TimeSpan.FromTicks(1)));
    }

    private static KeyValuePair<Guid, PeerFinding> Revoked(int n, TimeSpan since) => new(Id(n), new PeerFinding(false, LongAgo, false, 7, Now, since));

    private static KeyValuePair<Guid, LeaseRow> RevokedRow(int n) => new(Id(n), new LeaseRow(Id(n), 7, [], true, false, true));

    private static PeerFinding Unreached(PeerFinding peer) => peer with { IsReachable = false, Since = Now - Limits.SilentAfter };

    private static Findings Unseen(Findings findings) =>
        findings with { Peers = findings.Peers.ToDictionary(pair => pair.Key, pair => pair.Value with { IsReachable = false }) };

    private static Findings Gone(Findings findings, int n) =>
        findings.See(Id(n), peer => peer with { IsReachable = false, IsRefused = true }).Row(Id(n), row => row with { IsPresent = false });

    private static Findings Stalled(Findings findings, int n, TimeSpan since) =>
        findings.See(Id(n), peer => peer with { IsReachable = false, LeaseSince = since });

    /// <summary>What one node finds when the members are split in two and all still reach the store.</summary>
    private static Findings Split(ClusterView view, int self, int[] one, int[] other)
    {
        var findings = Calm(view, Node(self));
        foreach (int a in one)
        {
            foreach (int b in other)
            {
                findings = findings.Row(Id(a), row => row with { Suspects = row.Suspects.Add(Id(b)) }).Row(Id(b), row => row with { Suspects = row.Suspects.Add(Id(a)) });
                if (self == a) findings = findings.See(Id(b), Unreached);
                if (self == b) findings = findings.See(Id(a), Unreached);
            }
        }
        return findings;
    }
}
