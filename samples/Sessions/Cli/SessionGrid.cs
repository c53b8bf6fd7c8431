using ActorGrid;
using ActorGrid.Persistence;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Sessions;

/// <summary>A grid of one node with the sessions in it, kept in a directory.</summary>
internal sealed class SessionGrid : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly IGrid _grid;

    private SessionGrid(IHost host)
    {
        _host = host;
        _grid = host.Services.GetRequiredService<IGrid>();
    }

    /// <summary>Starts the grid; it is made if it is not there.</summary>
    /// <exception cref="StoreException">The store cannot be opened.</exception>
    /// <exception cref="EntityRegistrationException">The entity has a command, an event or a reply that cannot be stored.</exception>
    public static async Task<SessionGrid> StartAsync(string directory, TimeProvider time)
    {
        // Without the defaults of an application host: no configuration files, and Ctrl+C is this program's to handle.
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging
            // What the grid warns of, the screen shows as failures and lateness of events, or the program ends with it.
            .SetMinimumLevel(LogLevel.Error)
            // What keeps the host from starting is thrown, and said once by the program.
            .AddFilter("Microsoft.Extensions.Hosting", LogLevel.None)
            .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.AddSingleton(time);
        builder.Services.AddActorGrid(grid => grid
            .UseSqlite(Path.Combine(directory, "grid.db"))
            .AddEntity<Session>("session", SessionJson.Default)
            .Configure(options => options.Name = "sessions"));
        var host = builder.Build();
        try
        {
            await host.StartAsync();
            return new SessionGrid(host);
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    /// <summary>Sends an event under its command id: sent again, it takes effect once all the same.</summary>
    public Task SendAsync(Planned planned) =>
        _grid.Entity<Session>(planned.Session).AskAsync(planned.Activity, new AskOptions { CommandId = planned.Id });

    public Task<Summary> QueryAsync(string session) => _grid.Entity<Session>(session).AskAsync(new GetSummary());

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}
