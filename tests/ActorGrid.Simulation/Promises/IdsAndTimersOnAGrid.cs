using ActorGrid.Persistence;
using ActorGrid.Testing;

namespace ActorGrid.Simulation;

/// <summary>Command ids and timers of entities, across moves and deaths of their owners.</summary>
public sealed class IdsAndTimersOnAGrid
{
    [Theory]
    [InlineData(1_000_000)]
    [InlineData(1)]
    public void A_command_that_is_sent_again_under_its_id_gets_the_first_reply_whoever_owns_its_entity_by_then(int repliesInMemory) => Stage.Play(
        Stage.Ledgers() with { EntityHost = new EntityHostOptions { RepliesInMemoryMax = repliesInMemory } },
        async grid =>
        {
            var clerk = new Clerk(grid, "a");
            var (under, number) = (Under(grid), clerk.Next());
            int place = await clerk.RefFrom(null).AskAsync(new Add(number), under);
            clerk.History.Acknowledge(number, place, 0);
            for (int round = 0; round < 4; round++)
            {
                var owner = clerk.Owner;
                if (round == 0) await owner.StopAsync();
                if (round == 1) owner.Kill();
                if (round == 2) owner.Pause(TimeSpan.FromSeconds(6));
                if (round == 3) foreach (var node in grid.Nodes) node.Kill();
                foreach (var node in grid.Nodes) node.BeginStart();
                foreach (var from in grid.Nodes.Where(node => !node.Machine.Process!.IsStopped).Append(null)) Assert.Equal(place, await clerk.RefFrom(from).AskAsync(new Add(number), under));
                await clerk.AddAsync();
            }
            Assert.Equal(5, (await clerk.CheckAsync()).Length);
        });

    [Fact]
    public void A_command_under_its_id_from_two_callers_at_once_takes_effect_once_while_its_owner_changes() => Stage.Play(Stage.Ledgers(), async grid =>
    {
        var clerk = new Clerk(grid, "a");
        for (int round = 0; round < 6; round++)
        {
            var (under, number, known) = (Under(grid), clerk.Next(), clerk.History.Known);
            // A plan may move the shard meanwhile, but whoever asks must not be the one that dies.
            var owner = clerk.Owner;
            var asks = new[] { grid.Nodes[0], grid.Nodes[1], grid.Nodes[2], null }.Where(node => node != owner).Select(node => clerk.RefFrom(node).AskAsync(new Add(number), under)).ToList();
            await grid.DelayAsync(TimeSpan.FromMicroseconds(grid.Random.Next(4000)));
            if (round % 2 == 0) owner.Kill();
            else await owner.StopAsync();
            foreach (var ask in asks) clerk.History.Acknowledge(number, await ask, known);
            await owner.StartAsync();
        }
        Assert.Equal(6, (await clerk.CheckAsync()).Length);
    });

    [Fact]
    public void An_id_older_than_the_retention_is_refused_by_the_next_owner_too() => Stage.Play(Stage.Ledgers(), async grid =>
    {
        var clerk = new Clerk(grid, "a");
        var (under, number) = (Under(grid), clerk.Next());
        clerk.History.Acknowledge(number, await clerk.RefFrom(null).AskAsync(new Add(number), under), 0);
        await grid.DelayAsync(TimeSpan.FromMinutes(11));
        var owner = clerk.Owner;
        owner.Kill();
        await Assert.ThrowsAsync<OutcomeUnknownException>(() => clerk.RefFrom(null).AskAsync(new Add(number), under));
        await clerk.CheckAsync();
    }, seeds: 2);

    [Fact]
    public void Ids_that_the_grid_issues_need_clocks_that_are_less_than_a_minute_apart() => Stage.Play(Stage.Ledgers(), async grid =>
    {
        var clerk = new Clerk(grid, "a");
        var asker = grid.Others(clerk.Owner)[0];
        foreach (int seconds in new[] { 50, -50 })
        {
            asker.Machine.Clock.SetJump(TimeSpan.FromSeconds(seconds));
            await clerk.AddAsync(asker);
        }
        asker.Machine.Clock.SetJump(TimeSpan.FromMinutes(2));
        await Assert.ThrowsAsync<InvalidCommandIdException>(() => clerk.RefFrom(asker).AskAsync(new Add(clerk.Next())));
        asker.Machine.Clock.SetJump(TimeSpan.Zero);
        Assert.Equal(2, (await clerk.CheckAsync()).Length);
    }, seeds: 2);

    [Theory]
    [InlineData("moves")]
    [InlineData("dies")]
    [InlineData("sleeps")]
    [InlineData("all die")]
    public void A_timer_fires_once_though_its_owner_changes_before_it_is_due(string how) => Stage.Play(Stage.Ledgers(), async grid =>
    {
        var clerk = new Clerk(grid, "a");
        int number = clerk.Next();
        clerk.History.Reminded(number);
        await clerk.RefFrom(null).AskAsync(new AddLater(number, TimeSpan.FromSeconds(2)));
        await grid.DelayAsync(TimeSpan.FromSeconds(1 + (1.02 * grid.Random.NextDouble())));
        var owner = clerk.Owner;
        if (how == "moves") await owner.StopAsync();
        if (how == "dies") owner.Kill();
        if (how == "sleeps") owner.Pause(TimeSpan.FromSeconds(8));
        if (how == "all die") foreach (var node in grid.Nodes) node.Kill();
        // It comes due while nobody runs.
        if (how == "all die") await grid.DelayAsync(TimeSpan.FromSeconds(3));
        foreach (var node in grid.Nodes) node.BeginStart();
        await grid.DelayAsync(TimeSpan.FromSeconds(10));
        Assert.Equal([number], await clerk.CheckAsync());
    }, seeds: 10);

    private static AskOptions Under(SimulatedGrid grid) => new() { CommandId = CommandId.New(grid.Time.GetUtcNow(), grid.Random) };
}
