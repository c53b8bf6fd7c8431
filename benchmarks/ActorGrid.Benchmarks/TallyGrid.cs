using ActorGrid.Persistence;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ActorGrid.Benchmarks;

/// <summary>A grid of tallies through the facade, as an application would have it, in a folder of its own.</summary>
internal sealed class TallyGrid : IDisposable
{
    private readonly DirectoryInfo _folder;
    private readonly int _snapshotEvery;
    private IHost _host;

    private TallyGrid(DirectoryInfo folder, int snapshotEvery)
    {
        _folder = folder;
        _snapshotEvery = snapshotEvery;
        _host = Start();
    }

    public IGrid Grid => _host.Services.GetRequiredService<IGrid>();

    public static TallyGrid OnSqlite(int snapshotEvery = 100) => new(Directory.CreateTempSubdirectory("actorgrid-bench-"), snapshotEvery);

    /// <summary>Stops the node and starts another one over the same file: nothing is in memory any more.</summary>
    public void Restart()
    {
        Stop();
        _host = Start();
    }

    public void Dispose()
    {
        Stop();
        _folder.Delete(recursive: true);
    }

    private void Stop()
    {
        _host.StopAsync().GetAwaiter().GetResult();
        _host.Dispose();
    }

    private IHost Start()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddActorGrid(grid => grid
            .UseSqlite(Path.Combine(_folder.FullName, "grid.db"))
            .AddEntity<Tally>("tally", TallyJson.Default, new EntityOptions { SnapshotEvery = _snapshotEvery })
            .Configure(options => options.AskTimeout = TimeSpan.FromMinutes(1)));
        var host = builder.Build();
        host.StartAsync().GetAwaiter().GetResult();
        return host;
    }
}
