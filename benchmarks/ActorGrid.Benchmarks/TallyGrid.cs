using ActorGrid.Persistence;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ActorGrid.Benchmarks;

/// <summary>A grid of tallies through the facade, as an application would have it, over a store of its own.</summary>
internal sealed class TallyGrid : IDisposable
{
    private readonly Action<GridBuilder> _useStore;
    private readonly Action _delete;
    private readonly int _snapshotEvery;
    private IHost _host;

    private TallyGrid(Action<GridBuilder> useStore, Action delete, int snapshotEvery)
    {
        (_useStore, _delete, _snapshotEvery) = (useStore, delete, snapshotEvery);
        _host = Start();
    }

    public IGrid Grid => _host.Services.GetRequiredService<IGrid>();

    public static TallyGrid OnSqlite(int snapshotEvery)
    {
        var folder = Directory.CreateTempSubdirectory("actorgrid-bench-");
        return new TallyGrid(grid => grid.UseSqlite(Path.Combine(folder.FullName, "grid.db")), () => folder.Delete(recursive: true), snapshotEvery);
    }

    /// <summary>In a schema of its own.</summary>
    /// <param name="database">The server.</param>
    /// <param name="snapshotEvery">As the option of entities.</param>
    public static TallyGrid OnPostgreSql(BenchmarkDatabase database, int snapshotEvery)
    {
        string schema = database.NewSchema();
        return new TallyGrid(grid => grid.UsePostgreSql(database.ConnectionString, database.Options(schema)), () => database.DropAsync(schema).GetAwaiter().GetResult(), snapshotEvery);
    }

    /// <summary>Stops the node and starts another one over the same file: nothing is in memory any more.</summary>
    public void Restart()
    {
        Stop();
        _host = Start();
    }

    public void Dispose()
    {
        Stop();
        _delete();
    }

    private void Stop()
    {
        _host.StopAsync().GetAwaiter().GetResult();
        _host.Dispose();
    }

    private IHost Start()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddActorGrid(grid =>
        {
            _useStore(grid);
            grid.AddEntity<Tally>("tally", TallyJson.Default, new EntityOptions { SnapshotEvery = _snapshotEvery })
                .Configure(options => options.AskTimeout = TimeSpan.FromMinutes(1));
        });
        var host = builder.Build();
        host.StartAsync().GetAwaiter().GetResult();
        return host;
    }
}
