using System.Globalization;
using ActorGrid.Persistence;
using Npgsql;

namespace ActorGrid.PostgreSql;

/// <summary>What the server must be set to, so that an acknowledged commit is never lost; refused with the remedy where it is not.</summary>
internal static class ServerSettings
{
    private const int VersionMin = 130_000;

    private const string Sql = """
        SELECT current_setting('server_version_num')::int, pg_is_in_recovery(), current_setting('fsync'), current_setting('full_page_writes'),
            current_setting('synchronous_commit'), current_setting('synchronous_standby_names'), current_setting('server_encoding')
        """;

    /// <summary>Checks them, and returns the settings that the sessions of the grid insist on, whatever server they come to later.</summary>
    /// <exception cref="StoreException">One cannot be made up for; the message names it and the remedy.</exception>
    public static async Task<string> CheckAsync(NpgsqlConnection connection, bool asksForReplica, string server, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql, connection);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        int version = row.GetInt32(0);
        StoreException? refusal =
            version < VersionMin ? Refusal(server, string.Create(CultureInfo.InvariantCulture, $"has version {version / 10_000}; 13 is the oldest that will do. Upgrade it"))
            : row.GetBoolean(1) ? Refusal(server, "is a standby. Name the primary, or all hosts")
            : row.GetString(6) is not "UTF8" ? Refusal(server, $"keeps this database in {row.GetString(6)}. Create one with ENCODING 'UTF8'")
            : LossOf(row.GetString(2), row.GetString(3), row.GetString(5), asksForReplica) is { } loss ? Refusal(server, loss)
            : null;
        if (refusal is not null) throw refusal;
        // Weaker ones are a default that each session may better: off does not wait for the disk, local not for the replica.
        return row.GetString(4) is "remote_apply" ? "-c synchronous_commit=remote_apply" : "-c synchronous_commit=on";
    }

    /// <summary>How a server may lose what it acknowledged, with the remedy, or null.</summary>
    public static string? LossOf(string fsync, string fullPageWrites, string standbys, bool asksForReplica) =>
        fsync is not "on" ? "has fsync off, so a crash may lose or damage what it acknowledged. ALTER SYSTEM SET fsync = on; SELECT pg_reload_conf()"
        : fullPageWrites is not "on" ? "has full_page_writes off, so a crash may damage its data. ALTER SYSTEM SET full_page_writes = on; SELECT pg_reload_conf()"
        : asksForReplica && standbys.Length == 0
            ? "has several hosts and no synchronous_standby_names, so a fail-over may lose what was acknowledged. Set it, or set "
                + $"{nameof(PostgreSqlStoreOptions)}.{nameof(PostgreSqlStoreOptions.AllowLossOnStoreFailover)}"
        : null;

    /// <summary>The refusal of a server. It may be set right while the grid runs (a new primary mostly is, soon): then waiting helps.</summary>
    public static StoreException Refusal(string server, string what, bool isTransient = false) =>
        new($"{char.ToUpperInvariant(server[0])}{server[1..]} {what}.", isTransient);
}
