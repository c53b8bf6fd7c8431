using ActorGrid.Persistence;
using ActorGrid.Testing;

namespace ActorGrid.Simulation;

/// <summary>"All four hold on a grid of many nodes": writes are never lost, take effect once, have one writer, and are never guessed.</summary>
public sealed class WritesOnAGrid
{
    [Fact]
    public void An_acknowledged_write_is_there_after_every_node_has_died() => Stage.Play(Stage.Ledgers(), async grid =>
    {
        var clerk = new Clerk(grid, "a");
        for (int round = 1; round <= 3; round++)
        {
            // Killed in the very moment in which the caller has its answer.
            Assert.Equal(round, await clerk.AddAsync());
            foreach (var node in grid.Nodes) node.Kill();
            foreach (var node in grid.Nodes) node.BeginStart();
            Assert.Equal(round, await clerk.CountAsync());
        }
        await clerk.CheckAsync();
    });

    [Fact]
    public void The_death_of_the_node_that_the_caller_is_on_leaves_a_write_that_can_be_sent_again_under_its_id() => Stage.Play(Stage.Ledgers(), async grid =>
    {
        var (caller, other) = (grid.Nodes[0], grid.Nodes[1]);
        foreach (var owner in grid.Nodes)
        {
            var clerk = new Clerk(grid, grid.LedgerOn(owner, $"on-{owner}-"));
            await clerk.AddAsync(other);
            var again = new AskOptions { CommandId = CommandId.New(grid.Time.GetUtcNow(), grid.Random) };
            int number = clerk.Next(), known = clerk.History.Known;
            var ask = clerk.RefFrom(caller).AskAsync(new Add(number), again);
            await grid.DelayAsync(TimeSpan.FromMicroseconds(grid.Random.Next(6000)));
            caller.Kill();
            await Assert.ThrowsAnyAsync<ProcessDiedException>(() => ask.IsCompletedSuccessfully ? throw new ProcessDiedException(caller.Name) : ask);
            int place = await clerk.RefFrom(other).AskAsync(new Add(number), again);
            clerk.History.Acknowledge(number, place, known);
            Assert.Equal(place, await clerk.RefFrom(null).AskAsync(new Add(number), again));
            await clerk.CheckAsync();
            await caller.StartAsync();
        }
    });

    [Theory]
    [InlineData(nameof(StoreFault.AnswerLost))]
    [InlineData(nameof(StoreFault.PerformedLate))]
    [InlineData(nameof(StoreFault.RequestLost))]
    public void A_commit_whose_outcome_is_unknown_is_looked_up_and_its_callers_learn_what_really_happened(string fault) => Stage.Play(Stage.Ledgers(), async grid =>
    {
        var clerk = new Clerk(grid, "a");
        for (int i = 0; i < 5; i++)
        {
            await clerk.AddAsync();
            bool isStruck = false;
            var fence = await FenceOfAsync(grid, "a");
            grid.FailNext(clerk.Owner, StoreOperation.Append, Enum.Parse<StoreFault>(fault), () => isStruck = true);
            // Several at once, from everywhere: they go down together, and each is answered for itself.
            var adds = grid.Nodes.Append(null).Select(node => clerk.AddAsync(node)).ToArray();
            var counts = grid.Nodes.Select(node => clerk.CountAsync(node)).ToArray();
            foreach (var add in adds) await add;
            foreach (var count in counts) await count;
            Assert.True(isStruck);
            Assert.True((await FenceOfAsync(grid, "a")).Epoch > fence.Epoch, "The owner has guessed what became of its append.");
        }
        Assert.Equal(25, (await clerk.CheckAsync()).Length);
    });

    [Fact]
    public void An_owner_that_dies_while_a_commit_of_unknown_outcome_lands_late_loses_and_doubles_nothing() => Stage.Play(Stage.Ledgers(), async grid =>
    {
        var clerk = new Clerk(grid, "a");
        await clerk.AddAsync();
        var owner = clerk.Owner;
        grid.FailNext(owner, StoreOperation.Append, StoreFault.PerformedLate, () => grid.World.After(TimeSpan.FromMilliseconds(4 * grid.Random.NextDouble()), () => owner.Kill()));
        var adds = Enumerable.Range(0, 5).Select(_ => clerk.AddAsync(grid.Others(owner)[0])).ToArray();
        foreach (var add in adds) await add;
        Assert.NotEqual(owner, clerk.Owner);
        Assert.Equal(6, (await clerk.CheckAsync()).Length);
    }, seeds: 12);

    [Theory]
    [InlineData(nameof(StoreFault.AnswerLost))]
    [InlineData(nameof(StoreFault.PerformedLate))]
    public void A_view_whose_answer_is_lost_is_read_again_and_nothing_moves_twice(string fault) => Stage.Play(Stage.Ledgers(), async grid =>
    {
        var clerks = grid.Nodes.Select(node => new Clerk(grid, grid.LedgerOn(node)).Begin()).ToArray();
        var leaver = grid.Nodes[0];
        grid.FailNext(leaver, StoreOperation.WriteView, Enum.Parse<StoreFault>(fault));
        await leaver.StopAsync();
        grid.FailNext(grid.Nodes[1], StoreOperation.RaiseFences, Enum.Parse<StoreFault>(fault));
        await leaver.StartAsync();
        await grid.Nodes[2].StopAsync();
        foreach (var clerk in clerks) await clerk.EndAsync();
    });

    [Fact]
    public void Clocks_that_jump_and_drift_change_nothing() => Stage.Play(Stage.Ledgers(), async grid =>
    {
        var clerks = grid.Nodes.Select(node => new Clerk(grid, grid.LedgerOn(node)).Begin().Begin(grid.Nodes[grid.Random.Next(3)])).ToArray();
        for (int i = 0; i < 12; i++)
        {
            var node = grid.Nodes[grid.Random.Next(3)];
            node.Machine.Clock.SetJump(TimeSpan.FromSeconds(grid.Random.Next(-25, 25)));
            node.Machine.Clock.SetDrift(grid.Random.Next(-20_000, 20_000));
            await grid.DelayAsync(TimeSpan.FromSeconds(1));
        }
        Assert.Empty(grid.Journal.View.Departures);
        foreach (var clerk in clerks) Assert.InRange(clerk.Slowest, TimeSpan.Zero, TimeSpan.FromMilliseconds(250));
        foreach (var clerk in clerks) await clerk.EndAsync();
    });

    [Fact]
    public void Commands_of_one_caller_take_effect_in_its_order_and_all_have_places_of_their_own_whatever_moves_or_dies() => Stage.Play(Stage.Ledgers(), async grid =>
    {
        var clerk = new Clerk(grid, "a");
        List<int> first = [], second = [];
        bool isEnough = false;
        var callers = new[] { CallAsync(first, grid.Nodes[2]), CallAsync(second, null) };
        await grid.DelayAsync(TimeSpan.FromSeconds(1));
        await grid.Nodes[0].StopAsync();
        await grid.Nodes[0].StartAsync();
        grid.Nodes[1].Kill();
        await grid.DelayAsync(TimeSpan.FromSeconds(1));
        isEnough = true;
        foreach (var caller in callers) await caller;
        Assert.Equal(first.Order(), first);
        Assert.Equal(second.Order(), second);
        // Each sees the effects of all before it, so the places are all there are, without a gap.
        Assert.Equal(Enumerable.Range(1, first.Count + second.Count), first.Concat(second).Order());
        Assert.Equal(first.Count + second.Count, (await clerk.CheckAsync()).Length);
        await EventsHaveNoGapsAsync(grid, "a");

        async Task CallAsync(List<int> places, SimulatedNode? from)
        {
            while (!isEnough)
            {
                places.Add(await clerk.AddAsync(from));
                await grid.DelayAsync(TimeSpan.FromMilliseconds(10));
            }
        }
    });

    private static async Task<Fence> FenceOfAsync(SimulatedGrid grid, string key) =>
        (await grid.World.Database!.Memory.Journal.ReadFencesAsync(default)).Single(fence => fence.Shard == grid.ShardOf(key)).Fence;

    private static async Task EventsHaveNoGapsAsync(SimulatedGrid grid, string key)
    {
        var events = (await grid.World.Database!.Memory.Journal.ReadShardAsync(grid.ShardOf(key), 0, 100_000, default)).Events;
        Assert.Equal(Enumerable.Range(1, events.Count).Select(i => (long)i), events.Select(e => e.Offset));
        var own = events.Where(e => e.Event.Entity == Script.LedgerId(key)).ToArray();
        Assert.Equal(Enumerable.Range(1, own.Length).Select(i => (long)i), own.Select(e => e.Event.Sequence));
    }
}
