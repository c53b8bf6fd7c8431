using System.Text.Json;
using ActorGrid.Persistence;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ActorGrid.Failover;

/// <summary>What a child process does: a node of the grid, the client that asks, or the reader that looks at what the store holds in the end.</summary>
internal static class Child
{
    public const string Ready = "ready", Load = "load", Stop = "stop", Leave = "leave", Done = "done";

    private static readonly TimeSpan LeavePatience = TimeSpan.FromSeconds(30);

    public static string KeyOf(int entity) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"counter-{entity}");

    /// <summary>Runs a node until it is told to leave.</summary>
    public static async Task RunNodeAsync(ChildSettings settings)
    {
        using var host = await StartAsync(settings);
        Console.WriteLine(Ready);
        await HearAsync(Leave);
        await LeaveAsync(host);
    }

    /// <summary>Runs a client: it makes its load from one word to another.</summary>
    public static async Task RunClientAsync(ChildSettings settings)
    {
        using var host = await StartAsync(settings);
        var grid = host.Services.GetRequiredService<IGrid>();
        var options = new AskOptions { Timeout = settings.Load!.Deadline };
        Console.WriteLine(Ready);
        await HearAsync(Load);
        using var stop = new CancellationTokenSource();
        var generator = new LoadGenerator(
            settings.Load,
            (entity, number) => grid.Entity<Counter>(KeyOf(entity)).AskAsync(new Add(number), options),
            entity => grid.Entity<Counter>(KeyOf(entity)).AskAsync(new Read(), options));
        var load = generator.RunAsync(stop.Token);
        await HearAsync(Stop);
        await stop.CancelAsync();
        (await load).Write(settings.Output!);
        Console.WriteLine(Done);
        await LeaveAsync(host);
    }

    /// <summary>Runs a node that has not been there before, so that it can know only what the store holds, and writes down the state of all entities.</summary>
    public static async Task RunReaderAsync(ChildSettings settings)
    {
        using var host = await StartAsync(settings);
        var grid = host.Services.GetRequiredService<IGrid>();
        var options = new AskOptions { Timeout = TimeSpan.FromSeconds(30) };
        var ledgers = await Task.WhenAll(Enumerable.Range(0, settings.Load!.Entities).Select(i => grid.Entity<Counter>(KeyOf(i)).AskAsync(new GetLedger(), options)));
        await File.WriteAllTextAsync(settings.Output!, JsonSerializer.Serialize(ledgers, CounterJson.Default.LedgerArray));
        Console.WriteLine(Done);
        await LeaveAsync(host);
    }

    private static async Task<IHost> StartAsync(ChildSettings settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.SetMinimumLevel(LogLevel.Information).AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "HH:mm:ss.fff ";
        });
        builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.AddActorGrid(grid =>
        {
            if (settings.Store.Kind == StoreKind.Sqlite) grid.UseSqlite(settings.Store.Where);
            else grid.UsePostgreSql(settings.Store.Where);
            if (settings.Host is null) grid.AsClient();
            else grid.Listen(settings.Host, settings.Port);
            grid.AddEntity<Counter>("counter", CounterJson.Default).Configure(options =>
            {
                options.Name = "failover";
                options.Cluster.Name = settings.Name;
                // The networks of a partition are made for it, and nobody else is on them.
                options.Cluster.AllowPlaintextBeyondLoopback = true;
            });
        });
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    private static async Task LeaveAsync(IHost host)
    {
        using var patience = new CancellationTokenSource(LeavePatience);
        await host.StopAsync(patience.Token);
    }

    /// <summary>Waits for a word of the parent; if the parent has gone, the process ends at once.</summary>
    private static async Task HearAsync(string word)
    {
        while (await Console.In.ReadLineAsync() is { } line)
        {
            if (line == word) return;
        }
        Environment.FailFast("The process that started this one has gone.");
    }
}
