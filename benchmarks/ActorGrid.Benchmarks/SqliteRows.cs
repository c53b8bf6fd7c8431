using ActorGrid.Sqlite;

namespace ActorGrid.Benchmarks;

/// <summary>The SQLite store alone: appends in groups of 1,000 events of 150 bytes, each call one commit on the disk, and reading them back.</summary>
internal static class SqliteRows
{
    public static void Run(Rows rows)
    {
        foreach (int entities in new[] { 1, 1000, 100_000 })
        {
            rows.Figure($"append to SQLite, {entities:N0} entities, with replies", "events/s", () => Measure(entities, 300_000, withReplies: true).Rate);
            rows.Figure($"append to SQLite, {entities:N0} entities, without replies", "events/s", () => Measure(entities, 300_000, withReplies: false).Rate);
        }
        rows.Figure("append to SQLite, 1,000 entities, with replies, p99 of a commit", "ms", () => Measure(1000, 300_000, withReplies: true).P99);
        rows.Figure("read back 1,000,000 events of 1 entity, in pages of 1,000", "events/s", () => Measure(1, 1_000_000, withReplies: false, read: true).Rate);
        rows.Figure("read back 1,000,000 events of 1,000 entities, 20 a call", "events/s", () => Measure(1000, 1_000_000, withReplies: false, read: true).Rate);
    }

    private static (double Rate, double P99) Measure(int entities, int events, bool withReplies, bool read = false)
    {
        var folder = Directory.CreateTempSubdirectory("actorgrid-bench-");
        try
        {
            return MeasureAsync(Path.Combine(folder.FullName, "grid.db"), entities, events, withReplies, read).GetAwaiter().GetResult();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<(double Rate, double P99)> MeasureAsync(string path, int entities, int events, bool withReplies, bool read)
    {
        await using var store = new SqliteStore(path);
        return await StoreLoad.MeasureAsync(store, entities, events, withReplies, read);
    }
}
