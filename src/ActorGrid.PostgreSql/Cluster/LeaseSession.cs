using System.Data;
using ActorGrid.Cluster;
using Npgsql;

namespace ActorGrid.PostgreSql;

/// <summary>
/// The session that the leases of this node are opened and renewed over. Between renewals the server waits for its next word, so it notices at once when the
/// process has gone, and drops the session's locks. Made anew when it broke.
/// </summary>
internal sealed class LeaseSession(Sessions sessions, PostgreSqlStoreOptions options) : IAsyncDisposable
{
    private const string Open = """
        INSERT INTO lease (incarnation, number, suspects, is_revoked, has_ended, presence) VALUES ($1, 0, '{}', false, false, $2) ON CONFLICT DO NOTHING
        """;

    private const string Renew = """
        UPDATE lease SET number = number + 1, suspects = $2 WHERE incarnation = $1 AND NOT is_revoked AND NOT has_ended
        RETURNING number, (SELECT version FROM view)
        """;

    private const string Look = "SELECT coalesce((SELECT number FROM lease WHERE incarnation = $1), 0), version FROM view";

    private const string End = "UPDATE lease SET has_ended = true WHERE incarnation = $1";

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly HashSet<Guid> _opened = [];
    private NpgsqlConnection? _connection;
    private bool _isClosed;

    public Task<bool> OpenAsync(Guid incarnation, CancellationToken cancellationToken) => UseAsync(
        async connection =>
        {
            long presence = Presence.KeyOf(options.Schema, incarnation);
            await using var batch = new NpgsqlBatch(connection);
            // The lock is not part of the transaction: it is held before the row is there.
            if (!_opened.Contains(incarnation)) batch.BatchCommands.Add(new NpgsqlBatchCommand(Presence.Hold).With(presence));
            batch.BatchCommands.Add(new NpgsqlBatchCommand(Open).With(incarnation).With(presence));
            await batch.ExecuteNonQueryAsync(cancellationToken);
            _opened.Add(incarnation);
            return true;
        },
        cancellationToken);

    public Task<LeaseRenewal> RenewAsync(Guid incarnation, Guid[] suspects, CancellationToken cancellationToken) => UseAsync(
        async connection =>
        {
            if (await RowAsync(connection, new NpgsqlBatchCommand(Renew).With(incarnation).With(suspects), cancellationToken) is { } renewed)
            {
                return new LeaseRenewal(renewed.Number, renewed.Version, IsRevoked: false);
            }
            var last = await RowAsync(connection, new NpgsqlBatchCommand(Look).With(incarnation), cancellationToken);
            return new LeaseRenewal(last!.Value.Number, last.Value.Version, IsRevoked: true);
        },
        cancellationToken);

    public Task<bool> EndAsync(Guid incarnation, CancellationToken cancellationToken) => UseAsync(
        async connection =>
        {
            await using var batch = new NpgsqlBatch(connection);
            batch.BatchCommands.Add(new NpgsqlBatchCommand(End).With(incarnation));
            await batch.ExecuteNonQueryAsync(cancellationToken);
            // Only now that the row says so: until then the lock is what says that the holder is there.
            if (_opened.Contains(incarnation)) await LockAsync(connection, Presence.LetGo, [incarnation], cancellationToken);
            return _opened.Remove(incarnation);
        },
        cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _turn.WaitAsync();
        _isClosed = true;
        await DropAsync();
        _turn.Release();
    }

    private static async Task<(long Number, long Version)?> RowAsync(NpgsqlConnection connection, NpgsqlBatchCommand command, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(command);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? (reader.GetInt64(0), reader.GetInt64(1)) : null;
    }

    /// <summary>One call at a time; a connection that broke while nobody looked is made anew, and the call made again, which is harmless for all of them.</summary>
    private async Task<T> UseAsync<T>(Func<NpgsqlConnection, Task<T>> body, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(PostgreSqlStore));
            // A call that was cancelled has left its connection broken.
            if (_connection is { State: not ConnectionState.Open }) await DropAsync();
            for (bool isFirst = true; ; isFirst = false)
            {
                bool isNew = _connection is null;
                try
                {
                    return await body(_connection ??= await ConnectAsync(cancellationToken));
                }
                catch (Exception e) when (ServerFault.IsLoss(e))
                {
                    await DropAsync();
                    if (ServerFault.IsTooSlow(e)) throw;
                    sessions.Clear();
                    if (isNew || !isFirst) throw;
                }
            }
        }
        catch (Exception e) when (ServerFault.IsKnown(e))
        {
            throw ServerFault.Describe(e, sessions.Server);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<NpgsqlConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        var connection = await sessions.ConnectLeaseAsync(cancellationToken);
        try
        {
            await LockAsync(connection, Presence.Hold, _opened, cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private async Task LockAsync(NpgsqlConnection connection, string sql, IReadOnlyCollection<Guid> incarnations, CancellationToken cancellationToken)
    {
        if (incarnations.Count == 0) return;
        await using var batch = new NpgsqlBatch(connection);
        foreach (var incarnation in incarnations) batch.BatchCommands.Add(new NpgsqlBatchCommand(sql).With(Presence.KeyOf(options.Schema, incarnation)));
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task DropAsync()
    {
        if (_connection is null) return;
        await _connection.DisposeAsync();
        _connection = null;
    }
}
