using ActorGrid.Actors;
using ActorGrid.Persistence;
using ActorGrid.Testing;

namespace ActorGrid.Simulation;

/// <summary>"While the store is away nothing is acknowledged, and nobody is declared dead for it. When it is back, owners that did not change go on with their
/// states."</summary>
public sealed class StoreOutages
{
    private static readonly AskOptions Brief = new() { Timeout = TimeSpan.FromMilliseconds(400) };

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(30)]
    public void While_the_store_is_away_nothing_is_acknowledged_and_nobody_is_declared_dead(int seconds) => Stage.Play(Stage.Ledgers(), async grid =>
    {
        var clerks = grid.Nodes.Select(node => new Clerk(grid, grid.LedgerOn(node))).ToArray();
        foreach (var clerk in clerks) await clerk.AddAsync();
        var before = grid.Journal.View;
        using var outage = grid.StoreAway();
        var until = grid.Elapsed + TimeSpan.FromSeconds(seconds);
        var leaseEndsAt = grid.Elapsed + TimeSpan.FromSeconds(3.1);
        // What was performed before may still be answered.
        await grid.DelayAsync(TimeSpan.FromMilliseconds(50));
        while (grid.Elapsed < until)
        {
            foreach (var clerk in clerks) Assert.False(await IsAnsweredAsync(clerk.RefFrom(grid.Nodes[0]).AskAsync(new Add(clerk.Next()), Brief)), "A write was acknowledged.");
            bool hasLease = grid.Elapsed < leaseEndsAt;
            foreach (var clerk in clerks)
            {
                if (await IsAnsweredAsync(clerk.CountAsync(options: Brief))) Assert.True(hasLease, "A read was answered when all leases had ended.");
            }
        }
        outage.Dispose();
        // Their callers wait no longer than it takes to have a lease again.
        var backAt = grid.Elapsed;
        foreach (var clerk in clerks) await clerk.AddAsync();
        Assert.InRange(grid.Elapsed - backAt, TimeSpan.Zero, TimeSpan.FromSeconds(4));
        await grid.DelayAsync(TimeSpan.FromSeconds(10));
        Assert.Empty(grid.Journal.View.Departures);
        Assert.Equal(before.Shards, grid.Journal.View.Shards);
        foreach (var clerk in clerks) await clerk.CheckAsync();
    });

    [Fact]
    public void Reads_of_an_owner_that_goes_on_need_no_recovery() => Stage.Play(Stage.Ledgers(shards: 1), async grid =>
    {
        var clerk = new Clerk(grid, "a");
        await clerk.AddAsync();
        using (grid.StoreAway()) await grid.DelayAsync(TimeSpan.FromSeconds(8));
        int reads = 0;
        grid.Watch(entry => reads += entry.Kind == TraceKind.StorePerformed && entry.A == (long)StoreOperation.Read ? 1 : 0);
        Assert.Equal(1, await clerk.CountAsync());
        Assert.Equal(2, await clerk.AddAsync());
        Assert.Equal(0, reads);
    });

    [Fact]
    public void One_node_that_does_not_reach_the_store_loses_its_shards_when_its_lease_has_ended_and_comes_back() => Stage.Play(Stage.Ledgers(), async grid =>
    {
        var node = grid.Nodes[0];
        var clerk = new Clerk(grid, grid.LedgerOn(node));
        await clerk.AddAsync();
        using var outage = grid.StoreAway(node);
        var askedAt = grid.Elapsed;
        // Its owner takes the write in and cannot commit it; another takes over, and the caller notices nothing but the time.
        Assert.Equal(2, await clerk.AddAsync(grid.Nodes[1]));
        Assert.InRange(grid.Elapsed - askedAt, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        Assert.NotEqual(node, clerk.Owner);
        outage.Dispose();
        await grid.UntilAsync(() => grid.MemberOf(node) is { Status: Cluster.MemberStatus.Up }, "it joins again", TimeSpan.FromSeconds(10));
        Assert.Equal(3, await clerk.AddAsync(node));
        await clerk.CheckAsync();
    });

    private static async Task<bool> IsAnsweredAsync(Task<int> ask)
    {
        try
        {
            await ask;
            return true;
        }
        catch (Exception e) when (e is AskTimeoutException or StoreException)
        {
            return false;
        }
    }
}
