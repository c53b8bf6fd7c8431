using ActorGrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace SampleNodes;

/// <summary>A grid as a program uses it, in a host without the defaults of a server: no configuration files, and signals are the program's to handle.</summary>
public sealed class GridHost : IAsyncDisposable
{
    private readonly IHost _host;

    private GridHost(IHost host)
    {
        _host = host;
        Grid = host.Services.GetRequiredService<IGrid>();
    }

    /// <summary>The grid.</summary>
    public IGrid Grid { get; }

    /// <summary>Ends when the host stops by itself, since its node has given up.</summary>
    public CancellationToken Stopping => _host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;

    /// <summary>Starts it.</summary>
    /// <param name="configure">What it consists of.</param>
    /// <param name="time">Its clock; null: the system's.</param>
    /// <param name="log">The least that is logged, to the errors.</param>
    /// <param name="cancel">Ends the start.</param>
    public static async Task<GridHost> StartAsync(Action<GridBuilder> configure, TimeProvider? time = null, LogLevel log = LogLevel.Error, CancellationToken cancel = default)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging
            .SetMinimumLevel(log)
            // What keeps the host from starting is thrown, and said once by the program.
            .AddFilter("Microsoft.Extensions.Hosting", LogLevel.None)
            .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = NodeProcess.StopPatience * 0.8);
        builder.Services.AddActorGrid(configure);
        var host = builder.Build();
        try
        {
            await host.StartAsync(cancel);
            return new GridHost(host);
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
    }
}
