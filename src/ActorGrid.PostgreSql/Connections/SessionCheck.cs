using Npgsql;

namespace ActorGrid.PostgreSql;

/// <summary>
/// Looks at each connection that is made: the server may be another by now, or set otherwise than it was when the store was opened. One that may lose what it
/// acknowledges is not used.
/// </summary>
internal sealed class SessionCheck(Timeline timeline, string server, bool asksForReplica)
{
    private const string Sql = """
        SELECT system_identifier::text || '/' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8), current_setting('fsync'),
            current_setting('full_page_writes'), current_setting('synchronous_standby_names')
        FROM pg_control_system()
        """;

    public void Look(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand(Sql, connection);
        using var row = command.ExecuteReader();
        row.Read();
        Judge(row);
    }

    public async Task LookAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand(Sql, connection);
        await using var row = await command.ExecuteReaderAsync();
        await row.ReadAsync();
        Judge(row);
    }

    private void Judge(NpgsqlDataReader row)
    {
        timeline.Note(row.GetString(0));
        string? loss = ServerSettings.LossOf(row.GetString(1), row.GetString(2), row.GetString(3), asksForReplica);
        if (loss is not null) throw ServerSettings.Refusal(server, loss, isTransient: true);
    }
}
