using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ActorGrid.Architecture.Tests;

/// <summary>A node that starts and stops, and to which nothing happens between.</summary>
internal static class HealthyNode
{
    /// <summary>Called in assemblies of its own, by reflection.</summary>
    public static async Task RunAsync(string file)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddActorGrid(grid => grid.UseSqlite(file).Listen("127.0.0.1", 0));
        using var host = builder.Build();
        await host.StartAsync();
        await host.StopAsync();
    }
}
