using ActorGrid.PostgreSql.Server;
using Npgsql;

namespace ActorGrid.PostgreSql.Tests;

/// <summary>The throwaway server keeps what it acknowledged over a crash and a restart.</summary>
public sealed class PostgresServerTests
{
    [SkippableFact]
    public async Task It_comes_back_on_the_same_port_with_its_data()
    {
        Skip.If(PostgresServer.WhyNone is not null, PostgresServer.WhyNone);
        await using var server = await PostgresServer.StartAsync();
        await ExecuteAsync(server, "CREATE TABLE t AS SELECT 42 AS x");
        await server.KillAsync();
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => ExecuteAsync(server, "SELECT 1"));
        await server.StartAgainAsync();
        Assert.Equal(42, await ExecuteAsync(server, "SELECT x FROM t"));
        await server.RestartAsync();
        Assert.Equal("on", await ExecuteAsync(server, "SHOW fsync"));
    }

    private static async Task<object?> ExecuteAsync(PostgresServer server, string sql)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
