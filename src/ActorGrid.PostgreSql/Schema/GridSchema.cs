using System.Globalization;
using ActorGrid.Persistence;
using Npgsql;

namespace ActorGrid.PostgreSql;

/// <summary>Makes and migrates the tables of the grid, one node at a time, and checks whose they are.</summary>
internal sealed class GridSchema(PostgreSqlStoreOptions options, IReadOnlyList<Migration> migrations, string server)
{
    /// <summary>Many nodes may start at once; a migration of large tables takes its time.</summary>
    private const int LockTimeoutSeconds = 60;

    // Not by to_regclass, which remembers what was not there until its transaction ends or it locks a table: it would not see what another node has just made.
    private const string CountTables = "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1";

    private const string CountSchemas = "SELECT count(*) FROM pg_namespace WHERE nspname = $1";

    private readonly int _version = migrations[^1].Version;

    /// <summary>Brings the schema to the version of this code, if it is not at it or beyond.</summary>
    /// <exception cref="StoreException">It is not the schema of this grid, or too new; nothing was changed.</exception>
    public async Task OpenAsync(NpgsqlConnection connection, GridIdentity grid, CancellationToken cancellationToken)
    {
        if (await IsReadyAsync(connection, grid, cancellationToken)) return;
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        // Two at once would both find no tables.
        await ExecuteAsync(connection, $"SET LOCAL lock_timeout = '{LockTimeoutSeconds}s'; SET LOCAL idle_in_transaction_session_timeout = 0", cancellationToken);
        await ExecuteAsync(connection, $"SELECT pg_advisory_xact_lock({Text(StableKey.Of("schema/" + options.Schema))})", cancellationToken);
        if (!await IsReadyAsync(connection, grid, cancellationToken)) await MigrateAsync(connection, grid, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Which grid the schema belongs to.</summary>
    /// <exception cref="StoreException">There is none in it.</exception>
    public async Task<GridIdentity> ReadIdentityAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (!await HasTableAsync(connection, cancellationToken)) throw Refusal("holds no grid. Name the schema of one");
        // The search path is the sessions' own, and this connection has none.
        string sql = $"SELECT value FROM \"{options.Schema}\".meta WHERE key = $1";
        string? name = await ScalarAsync(connection, sql, cancellationToken, "grid") as string, shards = await ScalarAsync(connection, sql, cancellationToken, "shards") as string;
        return new GridIdentity(name ?? throw Refusal("holds no grid. Name the schema of one"), int.Parse(shards!, CultureInfo.InvariantCulture));
    }

    private async Task MigrateAsync(NpgsqlConnection connection, GridIdentity grid, CancellationToken cancellationToken)
    {
        int version = await HasTableAsync(connection, cancellationToken)
            ? int.Parse(await ReadMetaAsync(connection, "version", cancellationToken) ?? "0", CultureInfo.InvariantCulture)
            : 0;
        if (version == 0)
        {
            if (await CountAsync(connection, CountTables, cancellationToken) > 0) throw Refusal("holds tables of another application. Name another schema");
            if (await CountAsync(connection, CountSchemas, cancellationToken) == 0) await ExecuteAsync(connection, $"CREATE SCHEMA \"{options.Schema}\"", cancellationToken);
        }
        foreach (var step in migrations.Where(step => step.Version > version))
        {
            await ExecuteAsync(connection, step.Sql, cancellationToken);
            await WriteMetaAsync(connection, "version", Text(step.Version), cancellationToken);
            await WriteMetaAsync(connection, "oldest_reader", Text(step.OldestReader), cancellationToken);
        }
        if (version > 0) return;
        await WriteMetaAsync(connection, "grid", grid.Name, cancellationToken);
        await WriteMetaAsync(connection, "shards", Text(grid.ShardCount), cancellationToken);
    }

    /// <summary>Whether there is nothing to be done.</summary>
    private async Task<bool> IsReadyAsync(NpgsqlConnection connection, GridIdentity grid, CancellationToken cancellationToken)
    {
        if (!await HasTableAsync(connection, cancellationToken)) return false;
        string? name = await ReadMetaAsync(connection, "grid", cancellationToken), shards = await ReadMetaAsync(connection, "shards", cancellationToken);
        if (!string.Equals(name, grid.Name, StringComparison.Ordinal) || !string.Equals(shards, Text(grid.ShardCount), StringComparison.Ordinal))
        {
            throw Refusal($"belongs to the grid '{name}' of {shards} shards, not to {grid}. Name another schema, or use the name and number of shards that it was made with");
        }
        int version = int.Parse(await ReadMetaAsync(connection, "version", cancellationToken) ?? "0", CultureInfo.InvariantCulture);
        int oldest = int.Parse(await ReadMetaAsync(connection, "oldest_reader", cancellationToken) ?? "0", CultureInfo.InvariantCulture);
        if (version > _version && oldest > _version)
        {
            throw Refusal($"has version {Text(version)}, and this version of ActorGrid knows {Text(_version)} at most. Use the newer ActorGrid that wrote it");
        }
        return version >= _version;
    }

    private async Task<bool> HasTableAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        await CountAsync(connection, CountTables + " AND c.relname = 'meta'", cancellationToken) > 0;

    private async Task<long> CountAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken) =>
        (long)(await ScalarAsync(connection, sql, cancellationToken, options.Schema))!;

    private static async Task<string?> ReadMetaAsync(NpgsqlConnection connection, string key, CancellationToken cancellationToken) =>
        await ScalarAsync(connection, "SELECT value FROM meta WHERE key = $1", cancellationToken, key) as string;

    private static Task<object?> WriteMetaAsync(NpgsqlConnection connection, string key, string value, CancellationToken cancellationToken) =>
        ScalarAsync(connection, "INSERT INTO meta VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value", cancellationToken, key, value);

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = LockTimeoutSeconds * 2 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params string[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (string value in values) command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = value });
        return await command.ExecuteScalarAsync(cancellationToken);
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private StoreException Refusal(string what) => new($"The schema '{options.Schema}' of {server} {what}.", isTransient: false);
}
