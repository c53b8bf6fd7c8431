using ActorGrid.Actors;
using ActorGrid.Cluster;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace ActorGrid.Tests;

/// <summary>Several nodes, each in a host of its own, in this process.</summary>
public class ClusterTests
{
    [Fact]
    public async Task Nodes_share_the_entities_and_a_client_asks_them_all()
    {
        var memory = new SharedMemory();
        using var first = await StartAsync(memory, "a");
        using var second = await StartAsync(memory, "b");
        using var client = await StartAsync(memory, "");

        var hosts = new[] { first, second, client };
        for (int i = 0; i < 60; i++)
        {
            var account = hosts[i % 3].Grid().Entity<Account>($"account-{i % 20}");
            Assert.Equal(i / 20 + 1, await account.AskAsync(new Deposit(1m)).WaitAsync(Hosts.Patience));
        }
        var view = client.Grid().View;
        Assert.NotNull(view);
        Assert.Equal(["a", "b"], view.Members.Select(m => m.Endpoint).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_node_that_stops_hands_its_entities_over_and_no_ask_fails()
    {
        var memory = new SharedMemory();
        using var first = await StartAsync(memory, "a");
        var second = await StartAsync(memory, "b");
        var asks = new List<Task<decimal>>();
        for (int i = 0; i < 200; i++) asks.Add(first.Grid().Entity<Account>($"account-{i}").AskAsync(new Deposit(1m)));
        await second.StopAsync().WaitAsync(Hosts.Patience);
        second.Dispose();
        for (int i = 0; i < 200; i++) asks.Add(first.Grid().Entity<Account>($"account-{i}").AskAsync(new Deposit(1m)));

        var balances = await Task.WhenAll(asks).WaitAsync(Hosts.Patience);
        Assert.Equal(200, balances.Count(balance => balance == 2m));
        Assert.Equal("a", Assert.Single(first.Grid().View!.Members).Endpoint);
    }

    [Fact]
    public async Task A_job_that_a_client_submits_runs_on_the_nodes()
    {
        var memory = new SharedMemory();
        using var first = await StartAsync(memory, "a");
        using var second = await StartAsync(memory, "b");
        using var client = await StartAsync(memory, "");

        var job = await client.Grid().SubmitAsync(new Sum(12_345), "the-sum").WaitAsync(Hosts.Patience);
        Assert.Equal(12_345L * 12_346 / 2, await job.ResultAsync().WaitAsync(Hosts.Patience));
    }

    [Fact]
    public async Task A_topic_reaches_subscribers_on_every_node()
    {
        var memory = new SharedMemory();
        using var first = await StartAsync(memory, "a");
        using var second = await StartAsync(memory, "b");

        await AssertDeliveredAsync(first.Grid(), second.Grid());
    }

    [Fact]
    public async Task A_topic_works_on_a_grid_of_one_node()
    {
        using var host = await Hosts.StartAsync(grid => grid.UseInMemory().AddTopicMessage<Deposit>("deposit", AccountJson.Default));
        Assert.Null(host.Grid().View);
        await AssertDeliveredAsync(host.Grid(), host.Grid());
    }

    [Fact]
    public async Task The_health_of_a_node_follows_its_store()
    {
        var memory = new SharedMemory();
        using var host = await StartAsync(memory, "a");
        var health = host.Services.GetRequiredService<HealthCheckService>();

        Assert.Equal(HealthStatus.Healthy, (await health.CheckHealthAsync()).Status);
        memory.IsAway = true;
        var report = await health.CheckHealthAsync();
        Assert.Equal(HealthStatus.Unhealthy, report.Status);
        Assert.Contains("It is away.", report.Entries.Values.Single().Description, StringComparison.Ordinal);
        memory.IsAway = false;
        Assert.Equal(HealthStatus.Healthy, (await health.CheckHealthAsync()).Status);
        await host.StopAsync().WaitAsync(Hosts.Patience);
        Assert.Equal(HealthStatus.Unhealthy, (await health.CheckHealthAsync()).Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_node_that_gives_up_is_unhealthy_and_stops_its_host_unless_told_otherwise(bool stopsHost)
    {
        var memory = new SharedMemory();
        using var other = await StartAsync(memory, "a");
        using var host = await Hosts.StartAsync(
            grid => memory.Connect(grid, "b").Configure(options => options.Cluster.StopHostWhenGivenUp = stopsHost),
            services =>
            {
                services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(2));
                services.AddHealthChecks().AddActorGrid();
            });
        var lifetime = host.Services.GetRequiredService<IHostApplicationLifetime>();
        var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = lifetime.ApplicationStopping.Register(stopping.SetResult);

        // Its actors are stopped under it, which no restart can mend.
        await host.Grid().Actors.StopAsync().WaitAsync(Hosts.Patience);
        var service = host.Services.GetRequiredService<GridService>();
        await service.WhenGivenUp.WaitAsync(Hosts.Patience);
        var report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        Assert.Equal(HealthStatus.Unhealthy, report.Status);
        Assert.StartsWith("The node has given up: ", report.Entries.Values.Single().Description, StringComparison.Ordinal);
        if (stopsHost) await stopping.Task.WaitAsync(Hosts.Patience);
        else Assert.False(stopping.Task.IsCompleted);
        var e = await Assert.ThrowsAnyAsync<Exception>(() => host.StopAsync().WaitAsync(Hosts.Patience));
        Assert.Contains("given up", e.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_grid_goes_from_one_node_to_several_and_back()
    {
        var memory = new SharedMemory();
        for (int run = 1; run <= 3; run++)
        {
            using (var alone = await Hosts.StartAsync(grid => memory.Use(grid).AddEntity<Account>("account", AccountJson.Default)))
            {
                Assert.Equal((3 * run) - 2, await alone.Grid().Entity<Account>("alice").AskAsync(new Deposit(1m)));
                await alone.StopAsync().WaitAsync(Hosts.Patience);
            }
            using var first = await StartAsync(memory, "a");
            using var second = await StartAsync(memory, "b");
            Assert.Equal((3 * run) - 1, await first.Grid().Entity<Account>("alice").AskAsync(new Deposit(1m)));
            Assert.Equal(3 * run, await second.Grid().Entity<Account>("alice").AskAsync(new Deposit(1m)));
            await first.StopAsync().WaitAsync(Hosts.Patience);
            await second.StopAsync().WaitAsync(Hosts.Patience);
        }
    }

    [Fact]
    public async Task A_node_alone_does_not_take_the_store_of_nodes_that_run()
    {
        var memory = new SharedMemory();
        using var first = await StartAsync(memory, "a");
        using var alone = Hosts.Build(grid => memory.Use(grid));

        var e = await Assert.ThrowsAsync<InvalidOperationException>(() => alone.StartAsync());
        Assert.Contains("runs on the nodes a,", e.Message, StringComparison.Ordinal);
        Assert.Equal(1m, await first.Grid().Entity<Account>("alice").AskAsync(new Deposit(1m)));
    }

    [Fact]
    public async Task A_node_whose_lease_is_another_is_refused_by_name()
    {
        var memory = new SharedMemory();
        using var first = await StartAsync(memory, "a");
        using var other = Hosts.Build(grid => memory.Connect(grid, "b").Configure(options => options.Cluster.LeaseDuration = TimeSpan.FromSeconds(20)));

        var e = await Assert.ThrowsAsync<InvalidOperationException>(() => other.StartAsync().WaitAsync(Hosts.Patience));
        Assert.Contains("lease", e.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_store_that_nodes_cannot_share_is_refused()
    {
        using var host = Hosts.Build(grid => grid.UseInMemory().Listen("127.0.0.1", 0));
        var e = await Assert.ThrowsAsync<InvalidOperationException>(() => host.StartAsync());
        Assert.Contains("UseSqlite", e.Message, StringComparison.Ordinal);
    }

    private static async Task AssertDeliveredAsync(IGrid from, IGrid to)
    {
        var received = new TaskCompletionSource<Deposit>(TaskCreationOptions.RunContinuationsAsynchronously);
        var listener = to.Actors.Spawn(() => new Listener(received));
        using var subscription = to.Topics.Subscribe("deposits", listener);
        // A subscription is known to the other nodes a little later: it is published until then.
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        using var patience = new CancellationTokenSource(Hosts.Patience);
        do from.Topics.Publish("deposits", new Deposit(3m));
        while (!received.Task.IsCompleted && await again.WaitForNextTickAsync(patience.Token));
        Assert.Equal(new Deposit(3m), await received.Task);
    }

    private static Task<IHost> StartAsync(SharedMemory memory, string endpoint) => Hosts.StartAsync(
        grid => memory.Connect(grid, endpoint)
            .AddEntity<Account>("account", AccountJson.Default)
            .AddJob<Sum>("sum", SumJson.Default)
            .AddTopicMessage<Deposit>("deposit", AccountJson.Default),
        services => services.AddHealthChecks().AddActorGrid());

    private sealed class Listener(TaskCompletionSource<Deposit> received) : Actor<Deposit>
    {
        protected override ValueTask OnMessageAsync(Deposit message)
        {
            received.TrySetResult(message);
            return default;
        }
    }

    [Fact]
    public async Task Of_two_nodes_alone_on_one_store_the_second_is_refused_and_the_first_holds_a_lease()
    {
        var memory = new SharedMemory();
        Action<GridBuilder> alone = grid => memory.Use(grid).AddEntity<Account>("account", AccountJson.Default);
        using (var first = await Hosts.StartAsync(alone))
        {
            using var second = Hosts.Build(alone);
            var e = await Assert.ThrowsAsync<InvalidOperationException>(() => second.StartAsync().WaitAsync(Hosts.Patience));
            Assert.Contains("needs it for itself", e.Message, StringComparison.Ordinal);
            Assert.Equal(1m, await first.Grid().Entity<Account>("ann").AskAsync(new Deposit(1m)));
            Assert.Equal(MemberStatus.Up, Assert.Single(first.Grid().View!.Members).Status);
            await first.StopAsync().WaitAsync(Hosts.Patience);
        }
        // One that has left in order keeps nobody waiting.
        using var next = await Hosts.StartAsync(alone);
        Assert.Equal(2m, await next.Grid().Entity<Account>("ann").AskAsync(new Deposit(1m)));
    }
}
