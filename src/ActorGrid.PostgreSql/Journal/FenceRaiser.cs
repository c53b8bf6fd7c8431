using ActorGrid.Persistence;
using Npgsql;

namespace ActorGrid.PostgreSql;

/// <summary>
/// Raises fences: a committed transaction of its own, which waits for its turn at the rows of the shards.
/// </summary>
internal sealed class FenceRaiser(Sessions sessions, PostgreSqlStoreOptions options, Timeline timeline, Tails tails, Contention contention)
{
    private const string Raise = """
        INSERT INTO shard AS s (shard, term, generation, owner, last_offset, youngest_reply, mark)
        SELECT u.shard, u.term, u.generation, u.owner, 0, 0, pg_current_xact_id() FROM unnest($1, $2, $3, $4) u (shard, term, generation, owner) ORDER BY u.shard
        ON CONFLICT (shard) DO UPDATE SET term = excluded.term, generation = excluded.generation, owner = excluded.owner, mark = excluded.mark
        WHERE (excluded.term, excluded.generation) > (s.term, s.generation)
        """;

    private const string Look = """
        SELECT s.shard, s.term, s.generation, s.owner, s.last_offset, s.youngest_reply, p.forgotten_before
        FROM shard s CROSS JOIN progress p WHERE s.shard = ANY($1)
        """;

    public async Task<IReadOnlyList<FenceOutcome>> RaiseAsync(IReadOnlyList<FenceRaise> raises, CancellationToken cancellationToken)
    {
        if (raises.Count == 0) return [];
        var ordered = raises.OrderBy(raise => raise.Shard).ToArray();
        var rows = await sessions.Contenders.RepeatAsync(
            async connection =>
            {
                string raisedIn = timeline.Current;
                var found = await contention.RunAsync(connection, c => RaiseAsync(c, ordered, cancellationToken), cancellationToken);
                foreach (var raise in ordered)
                {
                    timeline.NoteRaise(raise.Shard, raisedIn);
                    tails.Forget(raise.Shard);
                }
                return found;
            },
            cancellationToken);
        return [.. raises.Select(raise =>
        {
            var row = rows[raise.Shard.Value];
            return new FenceOutcome(raise.Shard, row.Fence == raise.Fence, row.Fence, row.LastOffset, row.YoungestReply, row.ForgottenBefore);
        })];
    }

    /// <summary>Raises no fence, by the same statements.</summary>
    public Task RehearseAsync(CancellationToken cancellationToken) =>
        sessions.Contenders.RepeatAsync(connection => contention.RunAsync(connection, c => RaiseAsync(c, [], cancellationToken), cancellationToken), cancellationToken);

    private async Task<Dictionary<int, Row>> RaiseAsync(NpgsqlConnection connection, FenceRaise[] raises, CancellationToken cancellationToken)
    {
        int[] shards = [.. raises.Select(raise => raise.Shard.Value)];
        await using var batch = new NpgsqlBatch(connection) { Timeout = (int)(options.CommandTimeout + Sessions.LockTimeout).TotalSeconds };
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Raise)
            .With(shards)
            .With(raises.Select(raise => raise.Fence.Epoch.Term).ToArray())
            .With(raises.Select(raise => raise.Fence.Epoch.Generation).ToArray())
            .With(raises.Select(raise => raise.Fence.Owner).ToArray()));
        // The first statement holds all these rows, changed or not, so this one sees them as they are committed.
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Look).With(shards));
        var rows = new Dictionary<int, Row>(shards.Length);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var fence = new Fence(new Epoch(reader.GetInt64(1), reader.GetInt32(2)), reader.GetGuid(3));
            rows.Add(reader.GetInt32(0), new Row(fence, reader.GetInt64(4), reader.GetInt64(5), reader.GetInt64(6)));
        }
        await reader.NextResultAsync(cancellationToken);
        return rows;
    }

    private readonly record struct Row(Fence Fence, long LastOffset, long YoungestReply, long ForgottenBefore);
}
