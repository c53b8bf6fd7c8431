using ActorGrid.Persistence;
using Npgsql;

namespace ActorGrid.PostgreSql;

/// <summary>Finds out why an append was not written.</summary>
internal sealed class AppendDiagnosis(Sessions sessions)
{
    private const string FindShard = "SELECT term, generation, owner, last_offset FROM shard WHERE shard = $1";

    private const string FindLast = """
        SELECT u.type, u.key, (SELECT e.sequence FROM event e WHERE e.type = u.type AND e.key = u.key ORDER BY e.sequence DESC LIMIT 1)
        FROM unnest($1, $2) u (type, key)
        """;

    private const string FindReplies = """
        SELECT u.number FROM unnest($1, $2, $3) WITH ORDINALITY u (command, type, key, number)
        WHERE EXISTS (SELECT 1 FROM reply r WHERE r.command = u.command AND r.type = u.type AND r.key = u.key)
        """;

    /// <summary>Looks at what the append met.</summary>
    /// <param name="append">The append.</param>
    /// <param name="refusal">What the server said, if it refused it.</param>
    /// <exception cref="StoreException">The store could not be read.</exception>
    public Task<AppendOutcome> FindAsync(ShardAppend append, StoreException? refusal) => sessions.Writers.RepeatAsync(
        async connection =>
        {
            EntityId[] entities = [.. Histories.FirstsOf(append).Keys];
            await using var batch = new NpgsqlBatch(connection);
            batch.BatchCommands.Add(new NpgsqlBatchCommand(FindShard).With(append.Shard.Value));
            batch.BatchCommands.Add(new NpgsqlBatchCommand(FindLast).With(entities.Select(entity => entity.Type).ToArray()).With(entities.Select(entity => entity.Key).ToArray()));
            batch.BatchCommands.Add(new NpgsqlBatchCommand(FindReplies)
                .With(append.Replies.Select(reply => reply.Command.ToUuid()).ToArray())
                .With(append.Replies.Select(reply => reply.Entity.Type).ToArray()).With(append.Replies.Select(reply => reply.Entity.Key).ToArray()));
            await using var reader = await batch.ExecuteReaderAsync();

            bool isOwned = await reader.ReadAsync();
            var fence = isOwned ? new Fence(new Epoch(reader.GetInt64(0), reader.GetInt32(1)), reader.GetGuid(2)) : default;
            bool isFenced = !isOwned || fence != append.Fence || reader.GetInt64(3) != append.ExpectedOffset;
            if (isFenced) return new AppendOutcome(append.Shard, AppendStatus.Fenced, fence);

            await reader.NextResultAsync();
            var stored = new Dictionary<EntityId, long>();
            while (await reader.ReadAsync())
            {
                if (!await reader.IsDBNullAsync(2)) stored.Add(new EntityId(reader.GetString(0), reader.GetString(1)), reader.GetInt64(2));
            }
            await reader.NextResultAsync();
            var replied = new HashSet<(EntityId, CommandId)>();
            while (await reader.ReadAsync())
            {
                var reply = append.Replies[(int)reader.GetInt64(0) - 1];
                replied.Add((reply.Entity, reply.Command));
            }
            if (Histories.ConflictOf(append, stored, replied) is { } conflict) refusal = new StoreException(conflict, isTransient: false);
            // Without a conflict and a refusal the shard was not at the expected offset when the append came, and is now: another writer has written.
            return refusal is null ? new AppendOutcome(append.Shard, AppendStatus.Fenced, fence) : new AppendOutcome(append.Shard, AppendStatus.Refused, Error: refusal);
        },
        CancellationToken.None);
}
