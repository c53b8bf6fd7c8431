using ActorGrid.Persistence;

namespace ActorGrid.PostgreSql;

/// <summary>
/// Does once, without effect, what requests will wait for. The first use of all is far slower than any later one: sessions are made, statements are planned and prepared, code is
/// compiled; of a node that joined on a small machine the first commit took most of a second. This is to be over before any shard is moved to it.
/// </summary>
/// <remarks>It helps, and nothing rests on it: where it fails or takes too long, the node goes on without, and what is wrong shows where it matters.</remarks>
internal sealed class Rehearsal(Sessions sessions, PostgreSqlStoreOptions options, TimeProvider time, FenceRaiser raiser, HistoryReader histories, IndexReader indices)
{
    /// <summary>Longer than it takes on a machine that is busy.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2), ReadsPatience = TimeSpan.FromMilliseconds(500);

    /// <summary>The driver has a statement prepared when it sees it for the second time.</summary>
    private const int Rounds = 2;

    /// <summary>The others are made when they are needed: sessions are few on some servers.</summary>
    private const int ReadersMax = 2;

    // There are no such shards, nor such entities: nothing is moved, so nothing is written.
    private static readonly ShardId[] NoShards = [new(int.MaxValue - 1), new(int.MaxValue)];
    private static readonly EntityId Nobody = new("", "");

    private bool _hasRun, _hasRead;

    /// <summary>Does it, as far as it can be done; in the first call only.</summary>
    /// <exception cref="OperationCanceledException">The caller does not want to wait any more.</exception>
    public async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _hasRun, true)) return;
        using var isLate = new CancellationTokenSource(Patience, time);
        using var isOver = CancellationTokenSource.CreateLinkedTokenSource(isLate.Token, cancellationToken);
        try
        {
            // An append is not cancelled; it ends by its own time limit.
            await RehearseAsync(isOver.Token).WaitAsync(isOver.Token);
        }
        catch (Exception e) when (e is StoreException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // Perhaps there were no sessions left; those that were made must not keep out the one of the lease.
            sessions.Clear();
        }
    }

    /// <summary>Reads the leases, in the first call only: by them a death is judged, while callers wait. That is not to be the first time that they are read, nor the second, at which the statement is
    /// prepared.</summary>
    public async Task ReadOnceAsync(Func<CancellationToken, Task> readLeases)
    {
        if (Interlocked.Exchange(ref _hasRead, true)) return;
        using var isLate = new CancellationTokenSource(ReadsPatience, time);
        try
        {
            for (int round = 0; round < Rounds; round++) await readLeases(isLate.Token);
        }
        catch (Exception e) when (e is StoreException or OperationCanceledException)
        {
            // Whoever waits for its lease has it, whatever becomes of this.
        }
    }

    private async Task RehearseAsync(CancellationToken cancellationToken)
    {
        for (int round = 0; round < Rounds; round++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await AppendAsync(cancellationToken);
            await raiser.RehearseAsync(cancellationToken);
            int readers = Math.Min(ReadersMax, options.ReaderConnectionsMax);
            await Task.WhenAll(Enumerable.Range(0, readers).Select(_ => histories.ReadEntitiesAsync([new EntityRead(Nobody, AfterSequence: null, EventsMax: 1)], cancellationToken)));
            await indices.ReadTimersAsync(NoShards[0], after: null, timersMax: 1, cancellationToken);
            await indices.FindReplyAsync(Nobody, default, cancellationToken);
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
