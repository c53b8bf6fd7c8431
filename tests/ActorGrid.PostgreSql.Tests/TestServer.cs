using ActorGrid.PostgreSql.Server;
using Npgsql;

namespace ActorGrid.PostgreSql.Tests;

/// <summary>The server that the tests share: one of their own, or the one that <c>ACTORGRID_POSTGRES</c> names. Each test has a schema of its own in it.</summary>
internal static class TestServer
{
    /// <summary>Longer than the default: tests share two cores.</summary>
    private static readonly PostgreSqlStoreOptions Patient = new() { CommandTimeout = TimeSpan.FromSeconds(20), ConnectTimeout = TimeSpan.FromSeconds(20) };

    private static readonly Task<string> Started = Task.Run(StartAsync);
    private static int _schemas;

    /// <summary>Why there is no server, or null.</summary>
    public static string? WhyNone => Given is null ? PostgresServer.WhyNone : null;

    public static string ConnectionString => Started.GetAwaiter().GetResult();

    private static string? Given => Environment.GetEnvironmentVariable("ACTORGRID_POSTGRES") is { Length: > 0 } given ? given : null;

    /// <summary>Options for a schema that nobody else uses.</summary>
    public static PostgreSqlStoreOptions NewOptions() => Patient with { Schema = $"test_{Environment.ProcessId}_{Interlocked.Increment(ref _schemas)}" };

    public static async Task DropAsync(PostgreSqlStoreOptions options) => await ExecuteAsync(ConnectionString, $"DROP SCHEMA IF EXISTS {options.Schema} CASCADE");

    /// <summary>Runs SQL behind the stores' backs.</summary>
    public static async Task<object?> ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = await ConnectAsync(connectionString);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    public static async Task<NpgsqlConnection> ConnectAsync(string connectionString)
    {
        var connection = new NpgsqlConnection(connectionString + ";Pooling=false;Application Name=outsider");
        await connection.OpenAsync();
        return connection;
    }

    private static async Task<string> StartAsync()
    {
        if (Given is not null) return Given;
        Skip.If(WhyNone is not null, WhyNone);
        // It goes with this process.
        var server = await PostgresServer.StartAsync();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => server.DisposeAsync().AsTask().Wait(TimeSpan.FromSeconds(20));
        return server.ConnectionString;
    }
}
