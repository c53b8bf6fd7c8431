using ActorGrid;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Embeds a node of a grid in an application.</summary>
public static class ActorGridServiceCollectionExtensions
{
    /// <summary>
    /// Adds a node of a grid, which starts and stops with the host; ask the services for <see cref="IGrid"/>. Its clock is the <see cref="TimeProvider"/> of the services, if
    /// there is one, its log goes to their logger factory, and <see cref="GridOptions"/> can also be bound to a configuration section.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Says what the node consists of. Called once, now, so that a mistake shows here.</param>
    /// <exception cref="InvalidOperationException">A grid was added before.</exception>
    public static IServiceCollection AddActorGrid(this IServiceCollection services, Action<GridBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        if (services.Any(s => s.ServiceType == typeof(IGrid))) throw new InvalidOperationException("A grid was added before: call AddActorGrid once, with all entities and jobs.");

        var builder = new GridBuilder();
        configure(builder);
        services.AddLogging();
        services.TryAddSingleton(TimeProvider.System);
        var options = services.AddOptions<GridOptions>().ValidateOnStart();
        foreach (var configuration in builder.Configurations) options.Configure(configuration);
        services.AddSingleton<IValidateOptions<GridOptions>, GridOptionsValidator>();
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<GridService>(provider, builder));
        services.AddSingleton<IGrid>(provider => provider.GetRequiredService<GridService>());
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<GridService>());
        return services;
    }

    /// <summary>
    /// Adds a health check of the grid: unhealthy while it has not started, when its node has given up, and when its store cannot be read; degraded while the node is no member, which it
    /// becomes again by itself. On a grid of one node also unhealthy when a shard has stopped for good (another owner took it, or a defect).
    /// </summary>
    /// <param name="checks">The health checks.</param>
    /// <param name="name">The name of the check.</param>
    /// <param name="tags">Tags to filter by.</param>
    public static IHealthChecksBuilder AddActorGrid(this IHealthChecksBuilder checks, string name = "actorgrid", params IEnumerable<string> tags)
    {
        ArgumentNullException.ThrowIfNull(checks);
        return checks.AddCheck<GridHealthCheck>(name, tags: tags);
    }
}
