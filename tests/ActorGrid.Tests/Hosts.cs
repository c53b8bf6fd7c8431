using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ActorGrid.Tests;

internal static class Hosts
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static IHost Build(Action<GridBuilder> configure, Action<IServiceCollection>? services = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddActorGrid(configure);
        services?.Invoke(builder.Services);
        return builder.Build();
    }

    public static async Task<IHost> StartAsync(Action<GridBuilder> configure, Action<IServiceCollection>? services = null)
    {
        var host = Build(configure, services);
        await host.StartAsync().WaitAsync(Patience);
        return host;
    }

    public static IGrid Grid(this IHost host) => host.Services.GetRequiredService<IGrid>();
}
