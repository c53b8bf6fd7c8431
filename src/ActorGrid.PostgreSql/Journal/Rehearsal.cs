using ActorGrid.Persistence;

namespace ActorGrid.PostgreSql;

/// <summary>
/// Does once, without effect, on all sessions what requests will wait for. The first use of all is far slower than any later one: sessions are made, statements are planned and prepared, code is
/// compiled; of a node that joined on a small machine the first commit took most of a second. This is to be over before any shard is moved to it.
/// </summary>
internal sealed class Rehearsal(Sessions sessions, PostgreSqlStoreOptions options, FenceRaiser raiser, HistoryReader histories, IndexReader indices)
{
    /// <summary>The driver has a statement prepared when it sees it for the second time.</summary>
    private const int Rounds = 2;

    // There are no such shards, nor such entities: nothing is moved, so nothing is written.
    private static readonly ShardId[] NoShards = [new(int.MaxValue - 1), new(int.MaxValue)];
    private static readonly EntityId Nobody = new("", "");

    /// <summary>Does it.</summary>
    /// <exception cref="StoreException">A session could not be made, or the server refused something.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // One alone at first: what is wrong with the server is said best by who comes to it first.
        await AppendAsync(cancellationToken);
        for (int round = 0; round < Rounds; round++)
        {
            await Task.WhenAll(
            [
                .. Enumerable.Range(0, options.WriterConnectionsMax).Select(_ => AppendAsync(cancellationToken)),
                .. Enumerable.Range(0, options.ReaderConnectionsMax).Select(_ => (Task)histories.ReadEntitiesAsync([new EntityRead(Nobody, AfterSequence: null, EventsMax: 1)], cancellationToken)),
                indices.ReadTimersAsync(NoShards[0], after: null, timersMax: 1, cancellationToken),
                indices.FindReplyAsync(Nobody, default, cancellationToken),
                raiser.RehearseAsync(cancellationToken),
            ]);
        }
    }

    private Task<HashSet<int>> AppendAsync(CancellationToken cancellationToken) => sessions.Writers.RepeatAsync(
        async connection =>
        {
            var moved = await new AppendBatch([.. NoShards.Select(AppendTo)], new Tails()).RunAsync(connection, (int)options.CommandTimeout.TotalSeconds);
            if (moved.Count > 0) throw new InvalidOperationException("A rehearsal has written to a shard that cannot be.");
            return moved;
        },
        cancellationToken);

    private static ShardAppend AppendTo(ShardId shard) => new(
        shard,
        new Fence(new Epoch(0, 0), Guid.Empty),
        ExpectedOffset: 0,
        [new JournalEvent(Nobody, 1, "", 0, ReadOnlyMemory<byte>.Empty)],
        [new ReplyRecord(Nobody, default, ReplyKind.Accepted, ReadOnlyMemory<byte>.Empty)],
        [],
        []);
}
