using ActorGrid.Cluster;
using ActorGrid.Testing;

namespace ActorGrid.Simulation;

/// <summary>How long a failure may cost callers, in virtual time and with default options.</summary>
public sealed class TimesOfFailover
{
    /// <summary>The simulated store sees a process go after up to 60 ms. Who looked before that looks again each 25 ms.</summary>
    private static readonly TimeSpan Killed = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan Silent = new ClusterOptions().LeaseDuration + new ClusterOptions().LeaseDrift + TimeSpan.FromMilliseconds(500);
    /// <summary>As far as the store goes it lives: it renews its lease until it is found out, and learns with its next renewal that it was.</summary>
    private static readonly TimeSpan CutOff = TimeSpan.FromSeconds(5.5);
    private static readonly TimeSpan Graceful = TimeSpan.FromMilliseconds(250);

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void A_killed_process_costs_its_callers_a_fraction_of_a_second_and_not_one_failed_request(int nodes) => Stage.Play(
        Stage.Ledgers(nodes, shards: 16),
        async grid =>
        {
            var clerks = Work(grid);
            await grid.DelayAsync(TimeSpan.FromSeconds(1));
            grid.Nodes[0].Kill();
            await grid.DelayAsync(TimeSpan.FromSeconds(2));
            Assert.Equal(DepartureCause.Gone, grid.DepartureOf(grid.Nodes[0]));
            Assert.Empty(grid.Journal.View.Revoked);
            await EndAsync(clerks, Killed);
        });

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(9)]
    public void Two_processes_that_are_killed_at_once_cost_hardly_more(int nodes) => Stage.Play(Stage.Ledgers(nodes, shards: 64), async grid =>
    {
        var clerks = Work(grid);
        await grid.DelayAsync(TimeSpan.FromSeconds(1));
        foreach (var node in grid.Nodes.Take(2)) node.Kill();
        await grid.DelayAsync(TimeSpan.FromSeconds(2));
        Assert.All(grid.Nodes.Take(2), node => Assert.Equal(DepartureCause.Gone, grid.DepartureOf(node)));
        await EndAsync(clerks, Killed);
    });

    [Fact]
    public void A_process_that_is_killed_and_started_again_at_once_costs_no_more() => Stage.Play(Stage.Ledgers(shards: 16), async grid =>
    {
        var clerks = Work(grid);
        await grid.DelayAsync(TimeSpan.FromSeconds(1));
        grid.Nodes[0].Kill();
        grid.Nodes[0].BeginStart();
        await grid.DelayAsync(TimeSpan.FromSeconds(2));
        Assert.Equal(DepartureCause.Gone, grid.DepartureOf(grid.Nodes[0]));
        await EndAsync(clerks, Killed);
    });

    [Theory]
    [InlineData("lost")]
    [InlineData("paused")]
    [InlineData("suspended")]
    [InlineData("cut off from all")]
    [InlineData("cut off from its peers")]
    public void A_silent_node_costs_its_callers_no_more_than_what_is_left_of_its_lease(string how) => Stage.Play(Stage.Ledgers(nodes: 3, shards: 16), async grid =>
    {
        var node = grid.Nodes[0];
        var clerks = Work(grid);
        await grid.DelayAsync(TimeSpan.FromSeconds(1) + (TimeSpan.FromSeconds(1) * grid.Random.NextDouble()));
        using var cut = how.StartsWith("cut off", StringComparison.Ordinal) ? grid.Cut([node], grid.Others(node)) : null;
        using var outage = how == "cut off from all" ? grid.StoreAway(node) : null;
        if (how == "lost") node.Lose();
        if (how == "paused") node.Pause(TimeSpan.FromSeconds(8));
        if (how == "suspended") node.Suspend(TimeSpan.FromSeconds(8));
        await grid.DelayAsync(TimeSpan.FromSeconds(6));
        Assert.NotNull(grid.DepartureOf(node));
        await EndAsync(clerks, how == "cut off from its peers" ? CutOff : Silent);
    });

    [Fact]
    public void A_node_that_leaves_in_order_and_one_that_joins_slow_no_ask_by_more_than_a_quarter_of_a_second() => Stage.Play(Stage.Ledgers(shards: 32), async grid =>
    {
        var clerks = Work(grid);
        await grid.DelayAsync(TimeSpan.FromSeconds(1));
        await grid.Nodes[0].StopAsync();
        Assert.Equal(DepartureCause.Left, grid.DepartureOf(grid.Nodes[0]));
        await grid.DelayAsync(TimeSpan.FromSeconds(1));
        await grid.Nodes[0].StartAsync();
        await grid.DelayAsync(TimeSpan.FromSeconds(1));
        Assert.NotEmpty(grid.Journal.View.Shards.Where(shard => shard.Owner == grid.Nodes[0].Incarnation));
        await EndAsync(clerks, Graceful);
    });

    /// <summary>A ledger on each node, each with a caller at the client, and one at a node that lives on.</summary>
    private static List<Clerk> Work(SimulatedGrid grid) =>
        [.. grid.Nodes.Select(node => new Clerk(grid, grid.LedgerOn(node)).Begin()), new Clerk(grid, grid.LedgerOn(grid.Nodes[0], "from-a-node")).Begin(grid.Nodes[^1])];

    private static async Task EndAsync(List<Clerk> clerks, TimeSpan bound)
    {
        foreach (var clerk in clerks) await clerk.EndAsync();
        foreach (var clerk in clerks) Assert.True(clerk.Slowest <= bound, $"An ask of {clerk.Key} took {clerk.Slowest}; at most {bound} is promised.");
    }
}
