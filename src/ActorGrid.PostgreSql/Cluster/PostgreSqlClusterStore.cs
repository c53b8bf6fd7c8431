using ActorGrid.Cluster;
using ActorGrid.Persistence;
using Npgsql;

namespace ActorGrid.PostgreSql;

/// <summary>The view and the leases in rows of the database. Leases are renewed over the session that says that their holder is there.</summary>
/// <remarks>Whoever opens a lease will own shards soon, so before the first one it rehearses what they will ask of the store.</remarks>
internal sealed class PostgreSqlClusterStore(GridIdentity grid, Sessions sessions, PostgreSqlStoreOptions options, Contention contention, Rehearsal rehearsal)
    : IClusterStore, IAsyncDisposable
{
    private const string ReadView = "SELECT document FROM view";

    private const string LockView = "SELECT version FROM view FOR UPDATE";

    private const string LockLeases = "SELECT count(*) FROM (SELECT 1 FROM lease WHERE incarnation = ANY($1) ORDER BY incarnation FOR UPDATE) locked";

    // Each statement of the transaction sees what was committed before it began: here, all that the locks were waited for.
    private const string PutView = """
        UPDATE view SET version = $1, document = $2, mark = pg_current_xact_id()
        WHERE version = $1 - 1 AND NOT EXISTS (
            SELECT 1 FROM unnest($3, $4) u (incarnation, number) LEFT JOIN lease l USING (incarnation) WHERE u.number >= 0 AND l.number IS DISTINCT FROM u.number)
        RETURNING version
        """;

    private const string IsPut = "EXISTS (SELECT 1 FROM view WHERE mark = pg_current_xact_id())";

    private const string Revoke = $"UPDATE lease SET is_revoked = true WHERE incarnation = ANY($1) AND {IsPut}";

    // What nobody can renew and nobody asks about. A lease that is being opened just now has its lock before its row.
    private const string Prune = $"""
        DELETE FROM lease l WHERE l.incarnation <> ALL($1) AND {IsPut}
            AND (l.is_revoked OR l.has_ended OR l.presence NOT IN (SELECT {Presence.Key} FROM pg_locks k WHERE {Presence.IsHeld}))
        """;

    private const string ReadLeases = $"""
        SELECT l.incarnation, l.number, l.suspects, l.is_revoked, l.has_ended, l.presence IN (SELECT {Presence.Key} FROM pg_locks k WHERE {Presence.IsHeld})
        FROM lease l ORDER BY l.incarnation
        """;

    private readonly LeaseSession _lease = new(sessions, options);

    public Task<ClusterView> ReadViewAsync(CancellationToken cancellationToken) => Detached.Run(() => sessions.Control.RepeatAsync(
        async connection =>
        {
            await using var batch = new NpgsqlBatch(connection);
            batch.BatchCommands.Add(new NpgsqlBatchCommand(ReadView));
            return await batch.ExecuteScalarAsync(cancellationToken) is byte[] document
                ? ViewCodec.Decode(document, grid, ClusterView.Empty(grid))
                : ClusterView.Empty(grid);
        },
        cancellationToken));

    public Task<bool> WriteViewAsync(ClusterView next, IReadOnlyList<Revocation> revocations, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(next);
        ArgumentNullException.ThrowIfNull(revocations);
        next.Check();
        if (cancellationToken.IsCancellationRequested) return Task.FromCanceled<bool>(cancellationToken);
        return Detached.Run(() => WriteAsync(next, revocations, cancellationToken));
    }

    public Task OpenLeaseAsync(Guid incarnation, CancellationToken cancellationToken) => Detached.Run(async () =>
    {
        await rehearsal.RunOnceAsync(cancellationToken);
        bool opened = await _lease.OpenAsync(incarnation, cancellationToken);
        // Only now there is one to read for certain.
        await rehearsal.ReadOnceAsync(ReadLeasesAsync);
        return opened;
    });

    public Task<LeaseRenewal> RenewLeaseAsync(Guid incarnation, IReadOnlyList<Guid> suspects, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(suspects);
        return Detached.Run(() => _lease.RenewAsync(incarnation, [.. suspects], cancellationToken));
    }

    public Task EndLeaseAsync(Guid incarnation, CancellationToken cancellationToken) => Detached.Run(() => _lease.EndAsync(incarnation, cancellationToken));

    public Task<IReadOnlyList<LeaseRow>> ReadLeasesAsync(CancellationToken cancellationToken) => Detached.Run(() => sessions.Control.RepeatAsync<IReadOnlyList<LeaseRow>>(
        async connection =>
        {
            await using var batch = new NpgsqlBatch(connection);
            batch.BatchCommands.Add(new NpgsqlBatchCommand(ReadLeases));
            var rows = new List<LeaseRow>();
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken)) rows.Add(Lease(reader));
            return rows;
        },
        cancellationToken));

    public ValueTask DisposeAsync() => _lease.DisposeAsync();

    private static LeaseRow Lease(NpgsqlDataReader row) =>
        new(row.GetGuid(0), row.GetInt64(1), [.. row.GetFieldValue<Guid[]>(2)], row.GetBoolean(3), row.GetBoolean(4), row.GetBoolean(5));

    private async Task<bool> WriteAsync(ClusterView next, IReadOnlyList<Revocation> revocations, CancellationToken cancellationToken)
    {
        try
        {
            return await sessions.Contenders.UseAsync(
                connection => contention.RunAsync(connection, c => WriteAsync(c, next, revocations), CancellationToken.None), cancellationToken);
        }
        catch (Exception e) when (ServerFault.IsKnown(e))
        {
            // Not to be repeated here: it may have taken effect.
            throw ServerFault.Describe(e, sessions.Server);
        }
    }

    private async Task<bool> WriteAsync(NpgsqlConnection connection, ClusterView next, IReadOnlyList<Revocation> revocations)
    {
        Guid[] revoked = [.. revocations.Select(revocation => revocation.Incarnation)];
        long[] numbers = [.. revocations.Select(revocation => revocation.ExpectedNumber ?? -1)];
        Guid[] named = [.. next.Members.Select(member => member.Incarnation), .. next.Revoked.Select(lease => lease.Incarnation)];
        await using var batch = new NpgsqlBatch(connection) { Timeout = (int)Math.Ceiling((options.CommandTimeout + options.BlockerPatience).TotalSeconds) };
        batch.BatchCommands.Add(new NpgsqlBatchCommand(LockView));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(LockLeases).With(revoked));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(PutView).With(next.Version).With(ViewCodec.Encode(next)).With(revoked).With(numbers));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Revoke).With(revoked));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Prune).With(named));
        await using var reader = await batch.ExecuteReaderAsync();
        await reader.NextResultAsync();
        await reader.NextResultAsync();
        bool isPut = await reader.ReadAsync();
        // The commit comes with the last result.
        while (await reader.NextResultAsync()) continue;
        return isPut;
    }
}
