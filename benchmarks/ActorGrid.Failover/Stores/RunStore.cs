using ActorGrid.PostgreSql.Server;
using Npgsql;

namespace ActorGrid.Failover;

/// <summary>The empty store that a run begins with; gone after it.</summary>
internal sealed class RunStore : IAsyncDisposable
{
    /// <summary>Of 16 MiB each: what a minute of the default load writes.</summary>
    private const int LogFiles = 16;

    private readonly PostgresServer? _server;
    private readonly string? _given;
    private readonly string? _database;

    private RunStore(StoreAddress address, PostgresServer? server = null, string? given = null, string? database = null) =>
        (Address, _server, _given, _database) = (address, server, given, database);

    public StoreAddress Address { get; }

    /// <summary>Makes the store.</summary>
    /// <param name="choice">What it shall be.</param>
    /// <param name="directory">Where a file can be put.</param>
    /// <param name="host">Where a server that is started shall listen.</param>
    /// <exception cref="NpgsqlException">The given server cannot be reached, or lets nobody make a database.</exception>
    public static async Task<RunStore> CreateAsync(StoreChoice choice, string directory, string host)
    {
        if (choice.Kind == StoreKind.Sqlite) return new RunStore(new StoreAddress(choice.Kind, Path.Combine(directory, "grid.db")));
        if (choice.Connection is null)
        {
            var server = await PostgresServer.StartAsync(host);
            try
            {
                await AgeAsync(server.ConnectionString);
            }
            catch
            {
                await server.DisposeAsync();
                throw;
            }
            return new RunStore(new StoreAddress(choice.Kind, server.ConnectionString), server);
        }
        string database = $"actorgrid_failover_{Guid.NewGuid():n}";
        await ExecuteAsync(choice.Connection, $"CREATE DATABASE {database}");
        var own = new NpgsqlConnectionStringBuilder(choice.Connection) { Database = database };
        return new RunStore(new StoreAddress(choice.Kind, own.ConnectionString), given: choice.Connection, database: database);
    }

    /// <summary>Stops the server and starts it again; there has to be one that was started here.</summary>
    public Task RestartAsync() => _server!.RestartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        if (_given is not null) await ExecuteAsync(_given, $"DROP DATABASE {_database} WITH (FORCE)");
    }

    /// <summary>Gives a new server what one that has run for a while has: files of its log to use again, so that none has to be made in a run.</summary>
    private static async Task AgeAsync(string connectionString)
    {
        for (int i = 0; i < LogFiles; i++) await ExecuteAsync(connectionString, "SELECT pg_logical_emit_message(false, 'age', ''); SELECT pg_switch_wal()");
        await ExecuteAsync(connectionString, "CHECKPOINT");
    }

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
