using ActorGrid.PostgreSql;

namespace ActorGrid.Benchmarks;

/// <summary>The PostgreSQL store alone, as <see cref="SqliteRows"/> measures the SQLite one, on a server that is started for it.</summary>
internal static class PostgreSqlRows
{
    public static void Run(Rows rows) => RunAsync(rows).GetAwaiter().GetResult();

    private static async Task RunAsync(Rows rows)
    {
        await using var database = await BenchmarkDatabase.StartAsync();
        foreach (int entities in new[] { 1, 1000, 100_000 })
        {
            rows.Figure($"append to PostgreSQL, {entities:N0} entities, with replies", "events/s", () => Measure(database, entities, 150_000, withReplies: true).Rate);
            rows.Figure($"append to PostgreSQL, {entities:N0} entities, without replies", "events/s", () => Measure(database, entities, 150_000, withReplies: false).Rate);
        }
        rows.Figure("append to PostgreSQL, 1,000 entities, with replies, p99 of a commit", "ms", () => Measure(database, 1000, 150_000, withReplies: true).P99);
        rows.Figure("read back 500,000 events of 1 entity, in pages of 1,000", "events/s", () => Measure(database, 1, 500_000, withReplies: false, read: true).Rate);
        rows.Figure("read back 500,000 events of 1,000 entities, 20 a call", "events/s", () => Measure(database, 1000, 500_000, withReplies: false, read: true).Rate);
    }

    private static (double Rate, double P99) Measure(BenchmarkDatabase database, int entities, int events, bool withReplies, bool read = false) =>
        MeasureAsync(database, entities, events, withReplies, read).GetAwaiter().GetResult();

    private static async Task<(double Rate, double P99)> MeasureAsync(BenchmarkDatabase database, int entities, int events, bool withReplies, bool read)
    {
        string schema = database.NewSchema();
        await using (var store = new PostgreSqlStore(database.ConnectionString, database.Options(schema)))
        {
            var measured = await StoreLoad.MeasureAsync(store, entities, events, withReplies, read);
            await database.DropAsync(schema);
            return measured;
        }
    }
}
