using ActorGrid.Actors;
using ActorGrid.Persistence;
using ActorGrid.Testing;

namespace ActorGrid.Simulation.Kit;

/// <summary>What the simulator offers to the scripts of users.</summary>
public sealed class ScriptTests
{
    private static readonly SimulatedGridOptions Options = new() { Configure = grid => grid.AddEntity<Ledger>("ledger", LedgerJson.Default) };

    [Fact]
    public void A_node_that_is_cut_off_is_replaced_and_comes_back() => SimulatedGrid.RunSeeds(2, Options, async grid =>
    {
        var owner = grid.OwnerOf<Ledger>("k")!;
        Assert.Equal(1, await grid.Entity<Ledger>("k").AskAsync(new Add(1)));
        using (grid.CutOff(owner))
        {
            await grid.UntilAsync(() => grid.OwnerOf<Ledger>("k") is { } node && node != owner, "another owner", TimeSpan.FromSeconds(20));
            Assert.Equal(2, await grid.Entity<Ledger>("k").AskAsync(new Add(2)));
        }
        await grid.CalmAsync();
        int[] numbers = await grid.Entity<Ledger>("k", owner).AskAsync(new List());
        Assert.Equal([1, 2], numbers);
    });

    [Fact]
    public void A_lost_way_a_broken_link_and_a_false_refusal_cost_nobody_an_answer() => SimulatedGrid.RunSeeds(2, Options, async grid =>
    {
        var owner = grid.OwnerOf<Ledger>("k")!;
        var other = grid.Nodes.First(node => node != owner);
        using (grid.CutOneWay(owner, other))
        using (grid.Refuse(owner))
        {
            grid.BreakLinks(owner, other);
            Assert.Equal(1, await grid.Entity<Ledger>("k", other).AskAsync(new Add(1)));
        }
        await grid.CalmAsync();
    });

    [Fact]
    public void Without_the_store_nothing_is_acknowledged() => SimulatedGrid.Run(1, Options, async grid =>
    {
        Task<int> asked;
        using (grid.CutStore())
        {
            asked = grid.Entity<Ledger>("k").AskAsync(new Add(1), new AskOptions { Timeout = TimeSpan.FromSeconds(20) });
            await grid.DelayAsync(TimeSpan.FromSeconds(1));
            Assert.False(asked.IsCompletedSuccessfully);
        }
        await grid.CalmAsync();
    });

    [Fact]
    public void The_past_of_an_entity_can_be_looked_at() => SimulatedGrid.Run(1, Options, async grid =>
    {
        for (int i = 1; i <= 3; i++) await grid.Entity<Ledger>("k").AskAsync(new Add(i));
        using (grid.CutStore())
        {
            var past = await grid.History<Ledger>("k").StateAtAsync<int[]>(2);
            Assert.Equal(Enumerable.Range(1, 2), past.State);
        }
        var there = await grid.Nodes[0].RunAsync(node => node.History<Ledger>("k").StateAtAsync<int[]>(1));
        Assert.Equal(Enumerable.Range(1, 1), there.State);
    });

    [Fact]
    public void Actors_of_the_client_and_of_nodes_can_be_probed() => SimulatedGrid.Run(1, Options, async grid =>
    {
        var probe = new Probe<string>(grid.Actors);
        await grid.Nodes[1].RunAsync(node =>
        {
            node.Actors.Spawn(() => new Alarm(probe.Ref)).Tell(TimeSpan.FromSeconds(5));
            return Task.FromResult(true);
        });
        Assert.Equal("ring", await probe.NextAsync(TimeSpan.FromSeconds(6)));
    });

    private sealed class Alarm(ActorRef<string> listener) : Actor<TimeSpan>
    {
        protected override ValueTask OnMessageAsync(TimeSpan message)
        {
            if (message == default) listener.Tell("ring");
            else Context.Timers.StartOnce("alarm", message, default);
            return default;
        }
    }
}
