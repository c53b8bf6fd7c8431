using System.Globalization;
using ActorGrid.Conformance;
using ActorGrid.Persistence;
using Microsoft.Data.Sqlite;

namespace ActorGrid.Sqlite.Tests;

/// <summary>A projection that adds up, in a table of the user's own.</summary>
internal static class Totals
{
    public static Subscription NewProjection(Action during) => SqliteProjection.Create<Tally, TallyEvent>("totals", (transaction, events) =>
    {
        Execute(transaction, "CREATE TABLE IF NOT EXISTS total (one INTEGER PRIMARY KEY, sum INTEGER NOT NULL)");
        foreach (var e in events)
        {
            Execute(transaction, string.Create(CultureInfo.InvariantCulture, $"INSERT INTO total VALUES (1, {((Counted)e.Event).By}) ON CONFLICT DO UPDATE SET sum = sum + excluded.sum"));
        }
        during();
    });

    public static long Read(string path) => TestGrid.Query(path, "SELECT 1 FROM sqlite_schema WHERE name = 'total'") is null
        ? 0
        : long.Parse(TestGrid.Query(path, "SELECT sum FROM total") ?? "0", CultureInfo.InvariantCulture);

    private static void Execute(SqliteTransaction transaction, string sql)
    {
        using var command = transaction.Connection!.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
