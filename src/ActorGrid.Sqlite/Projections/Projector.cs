using System.Globalization;
using ActorGrid.Persistence;
using Microsoft.Data.Sqlite;

namespace ActorGrid.Sqlite;

/// <summary>Runs the transactions of projections, on the writer's thread between its own and, where processes share the file, in its turn: so there are never two that write.</summary>
/// <remarks>On a connection of their own, since the user's code gets it and knows the provider's. It is opened when the first one comes.</remarks>
internal sealed class Projector(string path, SqliteStoreOptions options) : IDisposable
{
    private SqliteConnection? _connection;

    /// <summary>Runs one.</summary>
    /// <returns>False if the cursor was not the one before: nothing was done.</returns>
    /// <exception cref="Exception">Whatever the provider or the user's code throws; nothing was written, unless the commit itself failed: then the cursor tells.</exception>
    public bool Project(CursorMove move, Action<SqliteTransaction>? project)
    {
        _connection ??= Open();
        try
        {
            // The lock for writing at once, as the writer takes it.
            using var transaction = _connection.BeginTransaction(deferred: false);
            if (!Move(transaction, move)) return false;
            project?.Invoke(transaction);
            transaction.Commit();
            return true;
        }
        catch
        {
            // Whatever it was, and whatever the user's code has done to the connection: none that may hold a lock is left behind.
            _connection.Dispose();
            _connection = null;
            throw;
        }
    }

    public void Dispose() => _connection?.Dispose();

    private bool Move(SqliteTransaction transaction, CursorMove move)
    {
        var (key, to) = move;
        using var command = _connection!.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = CursorMoves.Sql;
        object[] values = [key.Name, key.Shard.Value, to.Version, to.Epoch.Term, to.Epoch.Generation, to.Offset, to.GivenTo, to.IssuedAtUnixMs];
        for (int i = 0; i < values.Length; i++) command.Parameters.AddWithValue(string.Create(CultureInfo.InvariantCulture, $"?{i + 1}"), values[i]);
        return command.ExecuteNonQuery() == 1;
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ToString())
        {
            DefaultTimeout = Math.Max(1, (int)options.BusyTimeout.TotalSeconds),
        };
        try
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = string.Create(CultureInfo.InvariantCulture, $"PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = {options.CheckpointPages}");
            command.ExecuteNonQuery();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
