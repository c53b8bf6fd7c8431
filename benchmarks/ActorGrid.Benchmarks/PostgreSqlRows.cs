using ActorGrid.PostgreSql;
using ActorGrid.PostgreSql.Server;

namespace ActorGrid.Benchmarks;

/// <summary>The PostgreSQL store alone, as <see cref="SqliteRows"/> measures the SQLite one, on a server that is started for it.</summary>
internal static class PostgreSqlRows
{
    private static int _schemas;

    public static void Run(Rows rows) => RunAsync(rows).GetAwaiter().GetResult();

    private static async Task RunAsync(Rows rows)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["shared_buffers"] = "512MB",
            ["max_wal_size"] = "8GB",
            ["checkpoint_timeout"] = "30min",
        };
        string? given = Environment.GetEnvironmentVariable("ACTORGRID_POSTGRES");
        await using var server = given is null ? await PostgresServer.StartAsync(settings: settings) : null;
        string connectionString = given ?? server!.ConnectionString;
        foreach (int entities in new[] { 1, 1000, 100_000 })
        {
            rows.Figure($"append to PostgreSQL, {entities:N0} entities, with replies", "events/s", () => Measure(connectionString, entities, 150_000, withReplies: true).Rate);
            rows.Figure($"append to PostgreSQL, {entities:N0} entities, without replies", "events/s", () => Measure(connectionString, entities, 150_000, withReplies: false).Rate);
        }
        rows.Figure("append to PostgreSQL, 1,000 entities, with replies, p99 of a commit", "ms", () => Measure(connectionString, 1000, 150_000, withReplies: true).P99);
        rows.Figure("read back 500,000 events of 1 entity, in pages of 1,000", "events/s", () => Measure(connectionString, 1, 500_000, withReplies: false, read: true).Rate);
        rows.Figure("read back 500,000 events of 1,000 entities, 20 a call", "events/s", () => Measure(connectionString, 1000, 500_000, withReplies: false, read: true).Rate);
    }

    private static (double Rate, double P99) Measure(string connectionString, int entities, int events, bool withReplies, bool read = false) =>
        MeasureAsync(connectionString, entities, events, withReplies, read).GetAwaiter().GetResult();

    private static async Task<(double Rate, double P99)> MeasureAsync(string connectionString, int entities, int events, bool withReplies, bool read)
    {
        string schema = $"bench_{Environment.ProcessId}_{++_schemas}";
        await using (var store = new PostgreSqlStore(connectionString, new PostgreSqlStoreOptions { Schema = schema, CommandTimeout = TimeSpan.FromSeconds(30) }))
        {
            var measured = await StoreLoad.MeasureAsync(store, entities, events, withReplies, read);
            await using var source = Npgsql.NpgsqlDataSource.Create(connectionString);
            await using var drop = source.CreateCommand($"DROP SCHEMA {schema} CASCADE");
            drop.CommandTimeout = 60;
            await drop.ExecuteNonQueryAsync();
            return measured;
        }
    }
}
