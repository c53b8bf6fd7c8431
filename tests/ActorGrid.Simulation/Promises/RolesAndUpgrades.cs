using ActorGrid.Actors;
using ActorGrid.Cluster;
using ActorGrid.Persistence;
using ActorGrid.Testing;

namespace ActorGrid.Simulation;

/// <summary>"Roles, singletons, topics", but for the topics.</summary>
public sealed class RolesAndUpgrades
{
    [Fact]
    public void Entities_of_a_role_live_only_on_its_nodes_and_wait_up_to_their_deadline_while_there_is_none() => Stage.Play(
        Stage.Ledgers(entity: new EntityOptions { Role = "books" }) with { Cluster = node => new ClusterOptions { Roles = node == 2 ? ["books"] : [] } },
        async grid =>
        {
            var keeper = grid.Nodes[2];
            Clerk[] clerks = [new Clerk(grid, "a"), new Clerk(grid, "b"), new Clerk(grid, "c")];
            foreach (var (clerk, node) in clerks.Zip(grid.Nodes))
            {
                await clerk.AddAsync(node);
                Assert.Equal(keeper, clerk.Owner);
            }
            keeper.Kill();
            var askedAt = grid.Elapsed;
            await Assert.ThrowsAsync<AskTimeoutException>(() => clerks[0].CountAsync(grid.Nodes[0], new AskOptions { Timeout = TimeSpan.FromSeconds(3) }));
            Assert.InRange(grid.Elapsed - askedAt, TimeSpan.FromSeconds(2.9), TimeSpan.FromSeconds(3.2));
            var waiting = clerks.Select(clerk => clerk.AddAsync(grid.Nodes[1])).ToArray();
            await grid.DelayAsync(TimeSpan.FromSeconds(5));
            keeper.BeginStart();
            foreach (var ask in waiting) Assert.Equal(2, await ask);
            Assert.All(clerks, clerk => Assert.Equal(keeper, clerk.Owner));
            foreach (var clerk in clerks) await clerk.CheckAsync();
        });

    [Fact]
    public void A_client_owns_nothing_and_has_no_lease_and_no_vote() => Stage.Play(Stage.Ledgers(nodes: 2), async grid =>
    {
        // Two against one, if the client had a vote, would be for the younger.
        var members = grid.Journal.View.Members;
        var (older, younger) = (grid.NodeOf(members[0].Incarnation), grid.NodeOf(members[1].Incarnation));
        Assert.Equal(2, members.Length);
        Assert.Equal(2, (await grid.World.Database!.Cluster.Connect().ReadLeasesAsync(default)).Count);
        Assert.DoesNotContain(grid.Journal.View.Shards, shard => shard.Owner != members[0].Incarnation && shard.Owner != members[1].Incarnation);
        var clerk = new Clerk(grid, grid.LedgerOn(younger));
        await clerk.AddAsync();
        using (grid.Cut([older], [younger])) await grid.UntilAsync(() => grid.DepartureOf(younger) is not null, "the younger is declared dead", TimeSpan.FromSeconds(10));
        await grid.UntilAsync(() => grid.Journal.View.Members.Length == 2, "the younger joins again", TimeSpan.FromSeconds(10));
        Assert.Null(grid.DepartureOf(older));
        Assert.Equal(2, await clerk.AddAsync());
        await clerk.CheckAsync();
    });

    [Fact]
    public void A_singleton_is_active_without_being_asked_and_again_after_each_move()
    {
        int activations = 0;
        Stage.Play(
            () =>
            {
                activations = 0;
                return Stage.Ledgers(entity: new EntityOptions<int[]> { AlwaysActive = ["one"], PassivateAfter = TimeSpan.FromMilliseconds(200), OnDurable = (id, _) => activations += id.Key == "one" ? 1 : 0 });
            },
            async grid =>
            {
                await grid.UntilAsync(() => activations > 0, "the singleton is active from the first start on", TimeSpan.FromSeconds(1));
                var clerk = new Clerk(grid, "one");
                await clerk.AddAsync();
                // It stays in memory however long nobody asks.
                int before = activations;
                await grid.DelayAsync(TimeSpan.FromSeconds(10));
                Assert.Equal(before, activations);
                await clerk.Owner.StopAsync();
                await grid.UntilAsync(() => activations > before, "it is active again after a move", TimeSpan.FromSeconds(1));
                before = activations;
                clerk.Owner.Kill();
                await grid.UntilAsync(() => activations > before, "it is active again after a death", TimeSpan.FromSeconds(1));
                await clerk.CheckAsync();
            });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void In_a_rolling_upgrade_a_shard_moves_only_from_the_older_version_to_the_newer_and_once(bool leavesFirst)
    {
        int[] versions = [];
        Stage.Play(
            () =>
            {
                versions = [1, 1, 1, leavesFirst ? 1 : 2];
                return Stage.Ledgers(nodes: 4, shards: 32) with { Cluster = node => new ClusterOptions { Version = versions.ElementAtOrDefault(node) } };
            },
            async grid =>
            {
                var clerks = Enumerable.Range(0, 4).Select(i => new Clerk(grid, $"k{i}").Begin()).ToArray();
                var owners = VersionsOf(grid.Journal.View);
                int[] moves = new int[owners.Length];
                grid.Watch(entry =>
                {
                    if (entry.Written() is not { } view || view.Members.Max(member => member.Version) < 2) return;
                    int[] now = VersionsOf(view);
                    bool isUnderWay = view.Members.Any(member => member.Version < 2);
                    for (int i = 0; i < now.Length; i++)
                    {
                        if (now[i] < owners[i]) grid.World.Fail(new PromiseBrokenException($"Shard {i} went from version {owners[i]} back to {now[i]}.", i));
                        if (isUnderWay && owners[i] > 0 && now[i] != owners[i] && ++moves[i] > 1) grid.World.Fail(new PromiseBrokenException($"Shard {i} has moved twice.", i));
                    }
                    owners = now;
                });
                for (int i = leavesFirst ? 3 : 0; i is >= 0 and < 4; i += leavesFirst ? -1 : 1)
                {
                    if (versions[i] == 2) continue;
                    await grid.Nodes[i].StopAsync();
                    versions[i] = 2;
                    await grid.Nodes[i].StartAsync();
                    await grid.DelayAsync(TimeSpan.FromSeconds(1));
                }
                Assert.DoesNotContain(owners, version => version != 2);
                foreach (var clerk in clerks) Assert.InRange(clerk.Slowest, TimeSpan.Zero, TimeSpan.FromMilliseconds(250));
                foreach (var clerk in clerks) await clerk.EndAsync();
            });
    }

    private static int[] VersionsOf(ClusterView view) => [.. view.Shards.Select(shard => view.Find(shard.Owner)?.Version ?? 0)];
}
