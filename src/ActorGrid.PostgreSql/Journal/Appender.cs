using ActorGrid.Persistence;
using Npgsql;

namespace ActorGrid.PostgreSql;

/// <summary>
/// Appends, and finds the outcome for each shard. The appends of a transaction fail together first, where what one of them holds is at fault; then each is
/// tried alone.
/// </summary>
internal sealed class Appender(Sessions sessions, PostgreSqlStoreOptions options, Timeline timeline, Tails tails)
{
    /// <summary>What goes into one transaction, so that one statement stays small for the server; a single append may be larger.</summary>
    private const long BatchBytesMax = 32 << 20;

    private const long BytesPerSecondOfTimeout = 8 << 20;

    private readonly AppendDiagnosis _diagnosis = new(sessions);

    public async Task<IReadOnlyList<AppendOutcome>> AppendAsync(IReadOnlyList<ShardAppend> appends)
    {
        var outcomes = new Dictionary<ShardId, AppendOutcome>(appends.Count);
        var batch = new List<ShardAppend>(appends.Count);
        long bytes = 0;
        foreach (var append in appends.OrderBy(append => append.Shard))
        {
            long size = BytesOf(append);
            if (Storable.FaultOf(append, size) is { } fault) outcomes[append.Shard] = Refused(append, fault);
            else if (!Histories.AreWithoutGaps(append)) outcomes[append.Shard] = await DiagnoseAsync(append, null);
            else
            {
                if (batch.Count > 0 && bytes + size > BatchBytesMax) await WriteAsync(Take(), outcomes);
                batch.Add(append);
                bytes += size;
            }
        }
        if (batch.Count > 0) await WriteAsync(Take(), outcomes);
        return [.. appends.Select(append => outcomes[append.Shard])];

        List<ShardAppend> Take()
        {
            var full = batch;
            batch = new List<ShardAppend>();
            bytes = 0;
            return full;
        }
    }

    /// <summary>Tries some appends in one transaction.</summary>
    private async Task WriteAsync(List<ShardAppend> appends, Dictionary<ShardId, AppendOutcome> outcomes)
    {
        try
        {
            bool isReplicaWaitGivenUp = false;
            List<ShardAppend> current = [];
            var moved = await sessions.Writers.UseAsync(
                async connection =>
                {
                    // Not before there is a connection: it may be the first on a new timeline.
                    current = appends.FindAll(append => !timeline.IsStale(append.Shard));
                    if (current.Count == 0) return [];
                    void OnNotice(object sender, NpgsqlNoticeEventArgs e) => isReplicaWaitGivenUp |= e.Notice.Routine is "SyncRepWaitForLSN";
                    connection.Notice += OnNotice;
                    try
                    {
                        return await new AppendBatch(current, tails).RunAsync(connection, TimeoutSeconds(appends));
                    }
                    finally
                    {
                        connection.Notice -= OnNotice;
                    }
                },
                CancellationToken.None);
            foreach (var append in appends) outcomes[append.Shard] = Unknown(append, FailedOver());
            foreach (var append in current)
            {
                if (moved.Contains(append.Shard.Value)) tails.Note(append);
                outcomes[append.Shard] = !moved.Contains(append.Shard.Value) ? await DiagnoseAsync(append, null)
                    : isReplicaWaitGivenUp ? Unknown(append, ReplicaWaitGivenUp())
                    : new AppendOutcome(append.Shard, AppendStatus.Committed);
            }
        }
        catch (StoreException e)
        {
            // There was no connection to send anything on.
            foreach (var append in appends) outcomes[append.Shard] = Refused(append, e);
        }
        catch (Exception e) when (ServerFault.IsOfContent(e))
        {
            if (appends.Count == 1) outcomes[appends[0].Shard] = await DiagnoseAsync(appends[0], ServerFault.Describe(e, sessions.Server));
            else foreach (var append in appends) await WriteAsync([append], outcomes);
        }
        catch (Exception e) when (ServerFault.IsKnown(e))
        {
            var error = ServerFault.Describe(e, sessions.Server);
            foreach (var append in appends) outcomes[append.Shard] = ServerFault.IsRefusal(e) ? Refused(append, error) : Unknown(append, error);
        }
    }

    /// <summary>Finds out why nothing was written.</summary>
    private async Task<AppendOutcome> DiagnoseAsync(ShardAppend append, StoreException? refusal)
    {
        try
        {
            return await _diagnosis.FindAsync(append, refusal);
        }
        catch (StoreException e)
        {
            return Refused(append, e);
        }
    }

    private int TimeoutSeconds(List<ShardAppend> appends) =>
        (int)(options.CommandTimeout.TotalSeconds + (appends.Sum(BytesOf) / BytesPerSecondOfTimeout));

    private static long BytesOf(ShardAppend append)
    {
        long bytes = 0;
        foreach (var e in append.Events) bytes += e.Payload.Length;
        foreach (var reply in append.Replies) bytes += reply.Payload.Length;
        foreach (var change in append.Timers) bytes += change.Timer?.Payload.Length ?? 0;
        foreach (var change in append.Attachments) bytes += change.Payload?.Length ?? 0;
        return bytes;
    }

    private static AppendOutcome Refused(ShardAppend append, StoreException error) => new(append.Shard, AppendStatus.Refused, Error: error);

    private static AppendOutcome Unknown(ShardAppend append, StoreException error) => new(append.Shard, AppendStatus.Unknown, Error: error);

    private StoreException FailedOver() => new($"{sessions.Server} was failed over or restored. The fence has to be raised anew before anything is written.", isTransient: true);

    private StoreException ReplicaWaitGivenUp() => new($"{sessions.Server} gave up waiting for its replica.", isTransient: true);
}
