using ActorGrid.Cluster;
using ActorGrid.Persistence;
using ActorGrid.Testing;

namespace ActorGrid.Simulation;

/// <summary>What an encrypted entity stores or hands over is encrypted, and all else is as ever; who is forgotten answers nobody, on any node.</summary>
public sealed class PrivacyOnAGrid
{
    [Fact]
    public void Writes_are_there_after_deaths_and_moves_and_none_of_them_shows() => Play(async (grid, _) =>
    {
        int encrypted = 0, clear = 0;
        grid.Watch(entry =>
        {
            if (entry.Message() is not HandoverSent { Payload: var states }) return;
            if (states.Span.IndexOf(Mark) >= 0) encrypted++;
            // What the state of a snapshot begins with.
            if (states.Span.IndexOf("{\"version\""u8) >= 0) clear++;
        });
        var clerks = grid.Nodes.Select(node => new Clerk(grid, grid.LedgerOn(node)).Begin().Begin(grid.Nodes[2])).ToArray();
        await grid.DelayAsync(TimeSpan.FromMilliseconds(500));
        await grid.Nodes[0].StopAsync();
        await grid.Nodes[0].StartAsync();
        grid.Nodes[1].Kill();
        await grid.DelayAsync(TimeSpan.FromSeconds(1));
        await grid.Nodes[1].StartAsync();
        foreach (var clerk in clerks) await clerk.EndAsync();
        Assert.NotEqual(0, encrypted);
        Assert.Equal(0, clear);
        foreach (var clerk in clerks)
        {
            var page = (await grid.World.Database!.Memory.Journal.ReadEntitiesAsync([new EntityRead(Script.LedgerId(clerk.Key), null, 100_000)], default))[0];
            Assert.True(EncryptedPayload.IsEncrypted(page.Snapshot!.Payload.Span));
            Assert.All(page.Events, e => Assert.True(EncryptedPayload.IsEncrypted(e.Event.Payload.Span)));
        }
    });

    [Fact]
    public void Who_is_forgotten_answers_nobody_also_after_a_move_and_after_every_node_has_died() => Play(async (grid, keys) =>
    {
        foreach (var asker in grid.Nodes.Append(null))
        {
            var clerk = new Clerk(grid, $"forgotten-by-{asker?.Name ?? "client"}");
            for (int i = 0; i < 5; i++) await clerk.AddAsync();
            await Assert.ThrowsAsync<CommandRejectedException>(() => clerk.RefFrom(asker).ForgetAsync());
            keys.Forget(Script.LedgerId(clerk.Key));
            await clerk.RefFrom(asker).ForgetAsync();
            await NobodyAnswersAsync(clerk);
            await clerk.Owner.StopAsync();
            await NobodyAnswersAsync(clerk);
            foreach (var node in grid.Nodes) node.Kill();
            foreach (var node in grid.Nodes) node.BeginStart();
            await NobodyAnswersAsync(clerk);
        }

        async Task NobodyAnswersAsync(Clerk clerk)
        {
            foreach (var from in grid.Nodes.Where(node => node.Current is not null).Append(null))
            {
                await Assert.ThrowsAsync<EntityForgottenException>(() => clerk.RefFrom(from).AskAsync(new List()));
                await Assert.ThrowsAsync<EntityForgottenException>(() => clerk.RefFrom(from).AskAsync(new Add(1)));
            }
        }
    });

    /// <summary>The old owner may give the state away, or die, while it is told.</summary>
    [Fact]
    public void Whoever_has_been_told_that_it_was_forgotten_finds_it_forgotten_though_its_shard_moves_meanwhile() => Play(async (grid, keys) =>
    {
        for (int i = 0; i < 3; i++)
        {
            var clerk = new Clerk(grid, $"k{i}");
            await clerk.AddAsync();
            keys.Forget(Script.LedgerId(clerk.Key));
            var owner = clerk.Owner;
            var (one, other) = (grid.Others(owner)[0], grid.Others(owner)[1]);
            var forget = clerk.RefFrom(one).ForgetAsync();
            await grid.DelayAsync(TimeSpan.FromMicroseconds(grid.Random.Next(3000)));
            if (i % 2 == 0) owner.Kill();
            var stop = i % 2 == 0 ? Task.CompletedTask : owner.StopAsync();
            await forget;
            await Assert.ThrowsAsync<EntityForgottenException>(() => clerk.RefFrom(other).AskAsync(new Count()));
            await stop;
            await owner.StartAsync();
        }
    });

    [Fact]
    public void Moves_and_deaths_while_the_key_store_fails_cost_no_caller_an_answer() => Play(async (grid, keys) =>
    {
        keys.OnCall = (_, _) => grid.Random.Next(2) == 0 ? throw new TimeoutException("The vault is sealed.") : default;
        var clerks = grid.Nodes.Select(node => new Clerk(grid, grid.LedgerOn(node)).Begin()).ToArray();
        await grid.DelayAsync(TimeSpan.FromMilliseconds(300));
        await grid.Nodes[2].StopAsync();
        grid.Nodes[0].Kill();
        await grid.DelayAsync(TimeSpan.FromSeconds(1));
        grid.Nodes[0].BeginStart();
        foreach (var clerk in clerks) await clerk.EndAsync();
    });

    private static ReadOnlySpan<byte> Mark => [0, (byte)'A', (byte)'G'];

    private static void Play(Func<SimulatedGrid, InMemoryKeyStore, Task> script)
    {
        InMemoryKeyStore keys = null!;
        Stage.Play(
            () => Stage.Ledgers(entity: new EntityOptions { SnapshotEvery = 3, Keys = keys = new InMemoryKeyStore() }),
            grid => script(grid, keys));
    }
}
