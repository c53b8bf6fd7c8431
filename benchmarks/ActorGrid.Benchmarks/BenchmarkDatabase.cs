using ActorGrid.PostgreSql;
using ActorGrid.PostgreSql.Server;

namespace ActorGrid.Benchmarks;

/// <summary>A PostgreSQL server, started for the measurement or named by <c>ACTORGRID_POSTGRES</c>, with a schema for each grid that is measured.</summary>
internal sealed class BenchmarkDatabase : IAsyncDisposable
{
    private readonly PostgresServer? _server;
    private int _schemas;

    private BenchmarkDatabase(PostgresServer? server, string connectionString) => (_server, ConnectionString) = (server, connectionString);

    public string ConnectionString { get; }

    public static async Task<BenchmarkDatabase> StartAsync()
    {
        if (Environment.GetEnvironmentVariable("ACTORGRID_POSTGRES") is { } given) return new BenchmarkDatabase(null, given);
        var server = await PostgresServer.StartAsync(settings: new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["shared_buffers"] = "512MB",
            ["max_wal_size"] = "8GB",
            ["checkpoint_timeout"] = "30min",
        });
        return new BenchmarkDatabase(server, server.ConnectionString);
    }

    public string NewSchema() => $"bench_{Environment.ProcessId}_{++_schemas}";

    public PostgreSqlStoreOptions Options(string schema) => new() { Schema = schema, CommandTimeout = TimeSpan.FromSeconds(30) };

    public async Task DropAsync(string schema)
    {
        await using var source = Npgsql.NpgsqlDataSource.Create(ConnectionString);
        await using var drop = source.CreateCommand($"DROP SCHEMA {schema} CASCADE");
        drop.CommandTimeout = 60;
        await drop.ExecuteNonQueryAsync();
    }

    public ValueTask DisposeAsync() => _server is null ? default : _server.DisposeAsync();
}
