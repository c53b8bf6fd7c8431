using ActorGrid.Actors;
using ActorGrid.Jobs;
using ActorGrid.Persistence;

namespace ActorGrid.Tests;

public class GridTests
{
    private static readonly Action<GridBuilder> InMemory = grid => grid
        .UseInMemory()
        .AddEntity<Account>("account", AccountJson.Default)
        .AddJob<Sum>("sum", SumJson.Default);

    [Fact]
    public async Task Entities_answer_through_the_facade()
    {
        using var host = await Hosts.StartAsync(InMemory);
        var alice = host.Grid().Entity<Account>("alice");

        Assert.Equal(10m, await alice.AskAsync(new Deposit(10m)));
        Assert.Equal(15m, await alice.AskAsync(new Deposit(5m)));
        Assert.Equal(15m, await alice.AskAsync(new GetBalance()));
        Assert.Equal(0m, await host.Grid().Entity<Account>("bob").AskAsync(new GetBalance()));
        var rejected = await Assert.ThrowsAsync<CommandRejectedException>(() => alice.AskAsync(new Deposit(-1m)));
        Assert.Equal("The amount must be positive.", rejected.Reason);
        await host.StopAsync().WaitAsync(Hosts.Patience);
    }

    [Fact]
    public async Task A_command_sent_again_under_its_id_takes_effect_once()
    {
        using var host = await Hosts.StartAsync(InMemory);
        var alice = host.Grid().Entity<Account>("alice");
        var again = new AskOptions { CommandId = CommandId.New(TimeProvider.System.GetUtcNow(), new Random(1)) };

        Assert.Equal(10m, await alice.AskAsync(new Deposit(10m), again));
        Assert.Equal(11m, await alice.AskAsync(new Deposit(1m)));
        Assert.Equal(10m, await alice.AskAsync(new Deposit(10m), again));
        Assert.Equal(11m, await alice.AskAsync(new GetBalance()));
    }

    [Fact]
    public async Task Jobs_run_through_the_facade()
    {
        using var host = await Hosts.StartAsync(InMemory);

        var job = await host.Grid().SubmitAsync(new Sum(12_345), "first").WaitAsync(Hosts.Patience);
        Assert.Equal(12_345L * 12_346 / 2, await job.ResultAsync().WaitAsync(Hosts.Patience));
        var found = await host.Grid().Jobs.FindAsync("first").WaitAsync(Hosts.Patience);
        Assert.NotNull(found);
        Assert.Equal(JobStatus.Completed, (await found.StatusAsync().WaitAsync(Hosts.Patience)).Status);
    }

    [Fact]
    public async Task Local_actors_are_spawned_from_the_grid()
    {
        using var host = await Hosts.StartAsync(InMemory);
        var doubler = host.Grid().Actors.Spawn(() => new Doubler(), "doubler");

        Assert.Equal(42, await doubler.AskAsync<int>(reply => (21, reply), Hosts.Patience));
    }

    [Fact]
    public async Task What_is_acknowledged_is_there_after_a_restart_on_sqlite()
    {
        var folder = Directory.CreateTempSubdirectory("actorgrid-");
        try
        {
            Action<GridBuilder> onFile = grid => grid
                .UseSqlite(Path.Combine(folder.FullName, "grid.db"))
                .AddEntity<Account>("account", AccountJson.Default)
                .AddJob<Sum>("sum", SumJson.Default);
            for (int run = 1; run <= 3; run++)
            {
                using var host = await Hosts.StartAsync(onFile);
                Assert.Equal(run * 10m, await host.Grid().Entity<Account>("alice").AskAsync(new Deposit(10m)));
                var job = await host.Grid().SubmitAsync(new Sum(1000), "the-sum").WaitAsync(Hosts.Patience);
                Assert.Equal(500_500, await job.ResultAsync().WaitAsync(Hosts.Patience));
                await host.StopAsync().WaitAsync(Hosts.Patience);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task The_past_of_an_entity_is_read_through_the_facade()
    {
        using var host = await Hosts.StartAsync(InMemory);
        for (int i = 1; i <= 3; i++) await host.Grid().Entity<Account>("alice").AskAsync(new Deposit(i));

        var past = await host.Grid().History<Account>("alice").StateAtAsync<decimal>(2);
        Assert.Equal((2L, 3m), (past.Sequence, past.State));
        Assert.Equal(6m, (await host.Grid().History<Account>("alice").StateAtAsync<decimal>(TimeProvider.System.GetUtcNow().AddMinutes(1))).State);
        Assert.Throws<ArgumentException>(() => host.Grid().History<Account>(""));
        await host.StopAsync().WaitAsync(Hosts.Patience);
        Assert.Throws<InvalidOperationException>(() => host.Grid().History<Account>("alice"));
    }

    [Fact]
    public async Task A_stop_finishes_what_is_in_hand()
    {
        var store = new InMemoryStore();
        Action<GridBuilder> onStore = grid => grid.UseStore(_ => store).AddEntity<Account>("account", AccountJson.Default);
        List<Task<decimal>> asks = [];
        using (var host = await Hosts.StartAsync(onStore))
        {
            for (int i = 0; i < 1000; i++) asks.Add(host.Grid().Entity<Account>("alice").AskAsync(new Deposit(1m)));
            await host.StopAsync().WaitAsync(Hosts.Patience);
        }

        Assert.All(asks, ask => Assert.True(ask.IsCompletedSuccessfully));
        using var next = await Hosts.StartAsync(onStore);
        Assert.Equal(1000m, await next.Grid().Entity<Account>("alice").AskAsync(new GetBalance()));
    }

    private sealed class Doubler : Actor<(int Number, ReplyTo<int> Reply)>
    {
        protected override ValueTask OnMessageAsync((int Number, ReplyTo<int> Reply) message)
        {
            message.Reply.Reply(message.Number * 2);
            return default;
        }
    }
}
