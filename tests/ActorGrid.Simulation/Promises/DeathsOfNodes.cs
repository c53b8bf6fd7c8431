using ActorGrid.Cluster;
using ActorGrid.Testing;

namespace ActorGrid.Simulation;

/// <summary>Who is declared dead, by whom and when: "Failures of nodes", 2, 3 and 6.</summary>
public sealed class DeathsOfNodes
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(12);

    [Fact]
    public void An_address_that_refuses_although_its_node_lives_is_only_a_suspicion() => Stage.Play(Stage.Ledgers(), async grid =>
    {
        var node = grid.Nodes[0];
        var clerk = new Clerk(grid, grid.LedgerOn(node)).Begin();
        var incarnation = grid.MemberOf(node)!.Incarnation;
        grid.World.Network.Refusing.Add(node.Machine.Number);
        foreach (var other in grid.Others(node)) grid.World.Network.Reset(node.Machine, other.Machine);
        await grid.DelayAsync(Long);
        Assert.Equal(incarnation, grid.MemberOf(node)?.Incarnation);
        grid.World.Network.Refusing.Clear();
        await clerk.EndAsync();
    });

    [Fact]
    public void A_node_that_the_store_takes_for_gone_although_it_lives_is_only_a_suspect() => Stage.Play(Stage.Ledgers(), async grid =>
    {
        var node = grid.Nodes[0];
        var clerk = new Clerk(grid, grid.LedgerOn(node)).Begin();
        var incarnation = grid.MemberOf(node)!.Incarnation;
        grid.World.Database!.LooksGone.Add(incarnation);
        foreach (var other in grid.Others(node)) grid.World.Network.Reset(node.Machine, other.Machine);
        await grid.DelayAsync(Long);
        Assert.Equal(incarnation, grid.MemberOf(node)?.Incarnation);
        await clerk.EndAsync();
    });

    [Fact]
    public void Another_incarnation_at_its_address_is_a_witness_as_a_refusal_is() => Stage.Play(Stage.Ledgers(), async grid =>
    {
        var node = grid.Nodes[0];
        var clerk = new Clerk(grid, grid.LedgerOn(node)).Begin();
        node.Kill();
        var before = grid.MemberOf(node)!.Incarnation;
        await node.StartAsync();
        Assert.Equal(DepartureCause.Gone, grid.DepartureOf(node));
        Assert.NotEqual(before, grid.MemberOf(node)!.Incarnation);
        await clerk.EndAsync();
    });

    [Theory]
    [InlineData(3, 1)]
    [InlineData(5, 2)]
    public void Of_two_sets_of_members_the_larger_stays(int nodes, int cutOff) => Stage.Play(
        Stage.Ledgers(nodes),
        async grid =>
        {
            // The oldest are cut off: age decides between equals only.
            var oldest = grid.Journal.View.Members.Take(cutOff).Select(member => grid.NodeOf(member.Incarnation)).ToArray();
            await CutAndSeeAsync(grid, oldest, grid.Others(oldest));
        });

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void Of_two_equal_sets_the_one_with_the_oldest_member_stays(int nodes) => Stage.Play(Stage.Ledgers(nodes), async grid =>
    {
        var members = grid.Journal.View.Members;
        var younger = members.Skip(nodes / 2).Select(member => grid.NodeOf(member.Incarnation)).ToArray();
        await CutAndSeeAsync(grid, younger, grid.Others(younger));
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Two_members_that_cannot_reach_each_other_but_share_a_third_stay_and_asks_between_them_are_relayed(bool oneWay) => Stage.Play(Stage.Ledgers(), async grid =>
    {
        var (one, other) = (grid.Nodes[0], grid.Nodes[1]);
        Clerk[] clerks = [new Clerk(grid, grid.LedgerOn(other)).Begin(one), new Clerk(grid, grid.LedgerOn(one)).Begin(other)];
        using var cut = grid.Cut([one], [other], oneWay, withClient: false);
        await grid.DelayAsync(Long);
        Assert.Equal(3, grid.Journal.View.Members.Length);
        Assert.Empty(grid.Journal.View.Departures);
        // What was under way when the link fell silent had to wait until it was given up; from then on a relay is known.
        foreach (var clerk in clerks) Assert.InRange(clerk.Slowest, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        foreach (var (clerk, from) in clerks.Zip([one, other]))
        {
            var askedAt = grid.Elapsed;
            await clerk.AddAsync(from);
            Assert.InRange(grid.Elapsed - askedAt, TimeSpan.Zero, TimeSpan.FromMilliseconds(200));
        }
        cut.Dispose();
        foreach (var clerk in clerks) await clerk.EndAsync();
    });

    [Theory]
    [InlineData("heard by nobody")]
    [InlineData("hears nobody")]
    public void A_member_that_the_others_reach_in_one_direction_only_is_not_reached(string how) => Stage.Play(Stage.Ledgers(), async grid =>
    {
        var node = grid.Nodes[0];
        var clerk = new Clerk(grid, grid.LedgerOn(node)).Begin();
        var before = grid.MemberOf(node)!.Incarnation;
        using var cut = how == "heard by nobody"
            ? grid.Cut([node], grid.Others(node), oneWay: true)
            : grid.Cut([.. grid.Others(node), .. grid.Clients], [node], oneWay: true, withClient: false);
        await grid.DelayAsync(Long);
        Assert.NotEqual(before, grid.MemberOf(node)?.Incarnation);
        Assert.NotEqual(node, clerk.Owner);
        cut.Dispose();
        await clerk.EndAsync();
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void All_nodes_may_die_at_once_and_the_first_that_comes_back_goes_on_from_the_journal(bool lost) => Stage.Play(Stage.Ledgers(), async grid =>
    {
        var clerks = grid.Nodes.Select(node => new Clerk(grid, grid.LedgerOn(node))).ToArray();
        for (int i = 0; i < 10; i++)
        {
            foreach (var clerk in clerks) await clerk.AddAsync();
        }
        foreach (var node in grid.Nodes)
        {
            if (lost) node.Lose();
            else node.Kill();
        }
        await grid.DelayAsync(TimeSpan.FromMilliseconds(grid.Random.Next(500)));
        var first = grid.Nodes[grid.Random.Next(3)];
        first.BeginStart();
        var askedAt = grid.Elapsed;
        foreach (var clerk in clerks) Assert.Equal(11, await clerk.AddAsync());
        Assert.InRange(grid.Elapsed - askedAt, TimeSpan.Zero, TimeSpan.FromSeconds(6));
        await grid.UntilAsync(() => grid.Journal.View.Shards.All(shard => grid.NodeOf(shard.Owner) == first), "the first owns all", TimeSpan.FromSeconds(5));
        foreach (var clerk in clerks) await clerk.CheckAsync();
    });

    /// <summary>Those who are cut off are none any more, the others stay; what was asked of either is answered by these.</summary>
    private static async Task CutAndSeeAsync(SimulatedGrid grid, IReadOnlyList<SimulatedNode> goes, IReadOnlyList<SimulatedNode> stays)
    {
        var clerks = grid.Nodes.Select(node => new Clerk(grid, grid.LedgerOn(node)).Begin()).ToArray();
        var staying = stays.Select(node => grid.MemberOf(node)!.Incarnation).Order().ToArray();
        using var cut = grid.Cut(goes, stays);
        await grid.UntilAsync(
            () => grid.Journal.View.Members.Where(member => member.Status == MemberStatus.Up).Select(member => member.Incarnation).Order().SequenceEqual(staying),
            "those who are cut off are declared dead",
            TimeSpan.FromSeconds(10));
        await grid.DelayAsync(TimeSpan.FromSeconds(4));
        Assert.All(clerks, clerk => Assert.Contains(clerk.Owner, stays));
        // The lease, and half a second.
        Assert.All(clerks, clerk => Assert.InRange(clerk.Slowest, TimeSpan.Zero, TimeSpan.FromSeconds(3.5)));
        cut.Dispose();
        foreach (var clerk in clerks) await clerk.EndAsync();
    }
}
