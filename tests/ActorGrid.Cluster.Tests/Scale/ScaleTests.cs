using System.Globalization;
using Xunit.Abstractions;

namespace ActorGrid.Cluster.Tests;

/// <summary>What a grid of 1,000 nodes and 10,000 shards asks of its store; docs/scale.md tells the figures that these print.</summary>
public sealed class ScaleTests(ITestOutputHelper output)
{
    private const int Nodes = 1000, Shards = 10_000;

    [Fact]
    public void At_rest_the_store_sees_one_renewal_a_second_from_each_node_and_nothing_else()
    {
        var grid = new ScaleGrid(Nodes, Shards, seed: 1);
        grid.RunFor(TimeSpan.FromSeconds(2));
        grid.ResetCount();
        grid.RunFor(TimeSpan.FromSeconds(3));
        Print("at rest, 3 s", grid, null, null);
        Assert.Equal(3 * Nodes, grid.Count.All);
        Assert.Equal(3 * Nodes, grid.Count.Renewals);
        int bytes = ViewCodec.Encode(grid.View).Length;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"the view whole: {bytes:N0} bytes"));
        Assert.InRange(bytes, 0, 150_000);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(100)]
    public void After_processes_are_killed_all_shards_have_owners_in_a_fraction_of_a_second(int dead)
    {
        var grid = Started();
        grid.Kill(dead, isHostGone: false);
        Recover(grid, $"{dead} killed", TimeSpan.FromMilliseconds(200));
        Assert.InRange(grid.Count.WritesWon + grid.Count.WritesLost, 1, 50);
        Assert.InRange(grid.Count.LeaseReads, 1, 50);
    }

    [Theory]
    [InlineData(1)]
    public void After_machines_vanish_all_shards_have_owners_when_the_leases_have_run_out(int dead)
    {
        var grid = Started();
        grid.Kill(dead, isHostGone: true);
        Recover(grid, $"{dead} vanished", ScaleGrid.Limits.WaitOut + TimeSpan.FromMilliseconds(300));
        Assert.InRange(grid.Count.WritesWon + grid.Count.WritesLost, 1, 3 * dead + 10);
    }

    [Fact]
    public void One_that_joins_or_leaves_moves_its_share()
    {
        var grid = Started();
        var joined = grid.Join();
        var whole = grid.RunUntil(() => grid.View.Find(joined.Self.Incarnation) is { Status: MemberStatus.Up } && IsWhole(grid), TimeSpan.FromSeconds(10));
        Print("1 joined", grid, whole, null);
        Assert.True(whole is not null, "The shards of the new member have not come to it.");
        Assert.InRange(grid.Count.WritesLost, 0, grid.Count.WritesWon);
        int share = grid.View.Shards.Count(shard => shard.Owner == joined.Self.Incarnation);
        Assert.InRange(share, 1, 30);
        grid.ResetCount();
        grid.Leave(joined);
        whole = grid.RunUntil(() => joined.DiedAt is not null && IsWhole(grid), TimeSpan.FromSeconds(10));
        Print("1 left", grid, whole, null);
        Assert.True(whole is not null, "The member has not left.");
    }

    private static ScaleGrid Started()
    {
        var grid = new ScaleGrid(Nodes, Shards, seed: 1);
        grid.RunFor(TimeSpan.FromSeconds(2));
        grid.ResetCount();
        return grid;
    }

    private void Recover(ScaleGrid grid, string what, TimeSpan patience)
    {
        var owned = grid.RunUntil(() => IsWhole(grid), patience);
        var known = grid.RunUntil(() => grid.Alive.All(node => node.View == grid.View), TimeSpan.FromSeconds(1));
        Print(what, grid, owned, owned + known);
        Assert.True(owned is not null, $"Not all shards have owners within {patience}.");
        Assert.True(known is not null, "Not all nodes have the view in which they do.");
    }

    /// <summary>Whether all that died is no member any more, and each shard has an owner with which it stays.</summary>
    private static bool IsWhole(ScaleGrid grid) => grid.View.Members.Length == grid.Alive.Count()
        && grid.View.Shards.All(shard => shard is { IsMoving: false } && shard.Owner != Guid.Empty);

    private void Print(string what, ScaleGrid grid, TimeSpan? owned, TimeSpan? known)
    {
        var count = grid.Count;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{what}: owned after {owned?.TotalMilliseconds:N0} ms, known after {known?.TotalMilliseconds:N0} ms; renewals {count.Renewals}, lease reads {count.LeaseReads} ({count.LeaseRows:N0} rows), view reads {count.ViewReads}, views written {count.WritesWon}, lost {count.WritesLost}; differences {grid.Deltas.Sum(delta => delta.Bytes):N0} bytes, the largest {grid.Deltas.Select(delta => delta.Bytes).DefaultIfEmpty().Max():N0}; plans {grid.PlansMade}"));
    }
}
