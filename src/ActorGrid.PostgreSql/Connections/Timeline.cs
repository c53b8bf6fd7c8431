using System.Collections.Concurrent;
using ActorGrid.Persistence;
using Npgsql;

namespace ActorGrid.PostgreSql;

/// <summary>
/// Notices that the server was failed over or restored: a standby that takes over begins a new timeline. What this node knows of a shard rests on the timeline
/// in which it raised its fence, so after a change it has to raise the fence anew before it writes.
/// </summary>
internal sealed class Timeline
{
    private const string Sql =
        "SELECT system_identifier::text || '/' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8) FROM pg_control_system()";

    private readonly ConcurrentDictionary<ShardId, string> _raisedIn = [];
    private volatile string _current = "";

    /// <summary>The cluster and timeline of the last connection that was made.</summary>
    public string Current => _current;

    /// <summary>Notes that the fence of a shard was raised.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="timeline">The timeline before the raise was sent.</param>
    public void NoteRaise(ShardId shard, string timeline) => _raisedIn[shard] = timeline;

    /// <summary>Whether what is known of a shard is from an earlier timeline.</summary>
    public bool IsStale(ShardId shard) => _raisedIn.TryGetValue(shard, out string? raisedIn) && !string.Equals(raisedIn, _current, StringComparison.Ordinal);

    public void Look(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand(Sql, connection);
        _current = (string)command.ExecuteScalar()!;
    }

    public async Task LookAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand(Sql, connection);
        _current = (string)(await command.ExecuteScalarAsync())!;
    }
}
