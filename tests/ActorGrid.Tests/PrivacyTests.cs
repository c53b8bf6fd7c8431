using ActorGrid.Persistence;
using ActorGrid.Testing;

namespace ActorGrid.Tests;

public class PrivacyTests
{
    private readonly InMemoryKeyStore _keys = new();

    [Fact]
    public async Task An_encrypted_entity_is_asked_looked_back_at_and_forgotten_through_the_facade()
    {
        using var host = await Hosts.StartAsync(grid => grid.UseInMemory().AddEntity<Account>("account", AccountJson.Default, new EntityOptions { Keys = _keys }));
        var alice = host.Grid().Entity<Account>("alice");

        Assert.Equal(10m, await alice.AskAsync(new Deposit(10m)));
        Assert.Equal(10m, (await host.Grid().History<Account>("alice").StateAtAsync<decimal>(1)).State);
        await Assert.ThrowsAsync<CommandRejectedException>(() => alice.ForgetAsync());
        _keys.Forget(alice.Id);
        await alice.ForgetAsync();
        await Assert.ThrowsAsync<EntityForgottenException>(() => alice.AskAsync(new GetBalance()));
        await Assert.ThrowsAsync<EntityForgottenException>(() => host.Grid().History<Account>("alice").StateAtAsync<decimal>(1));
        Assert.Equal(0m, await host.Grid().Entity<Account>("bob").AskAsync(new GetBalance()));
        await host.StopAsync().WaitAsync(Hosts.Patience);
    }
}
