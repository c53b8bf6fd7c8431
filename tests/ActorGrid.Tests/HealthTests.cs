using ActorGrid.Persistence;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ActorGrid.Tests;

public class HealthTests
{
    [Fact]
    public async Task The_check_follows_start_and_stop()
    {
        using var host = Hosts.Build(grid => grid.UseInMemory(), services => services.AddHealthChecks().AddActorGrid());
        var health = host.Services.GetRequiredService<HealthCheckService>();

        Assert.Equal(HealthStatus.Unhealthy, (await health.CheckHealthAsync()).Status);
        await host.StartAsync().WaitAsync(Hosts.Patience);
        Assert.Equal(HealthStatus.Healthy, (await health.CheckHealthAsync()).Status);
        await host.StopAsync().WaitAsync(Hosts.Patience);
        Assert.Equal(HealthStatus.Unhealthy, (await health.CheckHealthAsync()).Status);
    }

    [Fact]
    public async Task A_lost_shard_is_unhealthy()
    {
        var store = new InMemoryStore();
        using var host = await Hosts.StartAsync(
            grid => grid.UseStore(_ => store).AddEntity<Account>("account", AccountJson.Default).Configure(o => o.ShardCount = 1),
            services => services.AddHealthChecks().AddActorGrid());
        await store.Journal.RaiseFencesAsync([new FenceRaise(new ShardId(0), new Fence(new Epoch(99, 0), Guid.Empty))], default);

        await Assert.ThrowsAsync<OwnershipLostException>(() => host.Grid().Entity<Account>("alice").AskAsync(new Deposit(1m)));
        var report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        Assert.Equal(HealthStatus.Unhealthy, report.Status);
    }
}
