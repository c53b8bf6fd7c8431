using ActorGrid.Cluster;
using ActorGrid.Conformance;
using ActorGrid.Persistence;
using Npgsql;

namespace ActorGrid.PostgreSql.Tests;

public sealed class PostgreSqlViews : ViewConformance { protected override ITestClusterDatabase NewDatabase() => new TestClusterDatabase(); }

public sealed class PostgreSqlLeases : LeaseConformance { protected override ITestClusterDatabase NewDatabase() => new TestClusterDatabase(); }

/// <summary>A schema of its own; each node reaches it by a way of its own, which is cut when the node is killed.</summary>
internal sealed class TestClusterDatabase : ITestClusterDatabase
{
    private readonly PostgreSqlStoreOptions _options = TestServer.NewOptions();
    private readonly List<(PostgreSqlStore Store, Proxy Way, string Name)> _nodes = [];

    public async Task<IClusterStore> ConnectAsync(GridIdentity grid)
    {
        var server = new NpgsqlConnectionStringBuilder(TestServer.ConnectionString);
        var way = new Proxy(server.Host!, server.Port);
        string name = $"{_options.Schema}-{Guid.NewGuid():N}";
        (server.Host, server.Port, server.ApplicationName) = ("127.0.0.1", way.Port, name);
        var store = new PostgreSqlStore(server.ConnectionString, _options);
        await store.OpenAsync(grid, default);
        lock (_nodes) _nodes.Add((store, way, name));
        return store.Cluster;
    }

    public async Task KillAsync(IClusterStore connection)
    {
        var (_, way, name) = _nodes.Single(node => node.Store.Cluster == connection);
        way.Cut();
        var patience = DateTime.UtcNow.AddSeconds(60);
        while ((long)(await TestServer.ExecuteAsync(TestServer.ConnectionString, $"SELECT count(*) FROM pg_stat_activity WHERE application_name = '{name}'"))! > 0)
        {
            Assert.True(DateTime.UtcNow < patience, "The server did not notice that the connections were closed.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (store, way, _) in _nodes)
        {
            await store.DisposeAsync();
            await way.DisposeAsync();
        }
        await TestServer.DropAsync(_options);
    }
}
