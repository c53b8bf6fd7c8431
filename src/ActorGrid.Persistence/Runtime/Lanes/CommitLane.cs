using System.Diagnostics;
using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>
/// Group commit: one append to the store at a time, and what all shards of the lane bring meanwhile goes into the next. A shard brings its
/// next append only after
/// the outcome of its last, so each call of the store has a shard once.
/// </summary>
internal sealed class CommitLane(IEventJournal journal, EntityHostOptions options) : Actor<CommitLane.IMessage>
{
    private readonly Queue<Bring> _brought = new();
    private List<Bring> _inFlight = [];
    private Activity? _span;
    private long _startedAt;
    private bool _goIsSent;

    protected override ValueTask OnMessageAsync(IMessage message)
    {
        switch (message)
        {
            case Bring bring:
                _brought.Enqueue(bring);
                GoSoon();
                break;
            case Go:
                _goIsSent = false;
                StartNext();
                break;
            case Ended ended:
                End(ended);
                break;
        }
        return default;
    }

    /// <summary>By way of the own mailbox, so that shards with a message in front of it get into this append and not the next.</summary>
    private void GoSoon()
    {
        if (_goIsSent || _inFlight.Count > 0 || _brought.Count == 0) return;
        _goIsSent = true;
        Self.Tell(Go.Instance);
    }

    private void StartNext()
    {
        int rows = 0;
        long bytes = 0;
        while (_brought.TryPeek(out var next))
        {
            bool fits = _inFlight.Count == 0 || (rows + next.Rows <= options.AppendRowsMax && bytes + next.Bytes <= options.AppendBytesMax);
            if (!fits) break;
            rows += next.Rows;
            bytes += next.Bytes;
            _inFlight.Add(_brought.Dequeue());
        }
        if (_inFlight.Count == 0) return;
        NodeMeter.OnAppend(_inFlight.Count, rows, bytes);
        // The rows of the store are locked in the order of shards, whoever writes.
        _inFlight.Sort(static (x, y) => x.Append.Shard.CompareTo(y.Append.Shard));
        _startedAt = Context.Time.GetTimestamp();
        Context.PipeToSelf(
            StoreTask.From(() => AppendAsync([.. _inFlight.Select(b => b.Append)], rows)),
            static outcomes => new Ended(outcomes, null),
            static e => new Ended([], e));
    }

    /// <summary>The span of the append belongs under the first call in it that has one; the others lead to it by a link. What the store's driver does belongs under it.</summary>
    private Task<IReadOnlyList<AppendOutcome>> AppendAsync(IReadOnlyList<ShardAppend> appends, int rows)
    {
        var parent = _inFlight.Find(static brought => brought.Span != default)?.Span ?? default;
        if (parent == default) return journal.AppendAsync(appends, CancellationToken.None);
        _span = Spans.Start("append", ActivityKind.Internal, parent)?.SetTag("actorgrid.append.shards", appends.Count).SetTag("actorgrid.append.rows", rows);
        var outer = Activity.Current;
        Activity.Current = _span;
        try
        {
            return journal.AppendAsync(appends, CancellationToken.None);
        }
        finally
        {
            Activity.Current = outer;
        }
    }

    private void End(Ended ended)
    {
        var done = _inFlight;
        var span = _span?.Context ?? default;
        if (_span is not null) Spans.End(_span);
        _span = null;
        _inFlight = [];
        // A store that throws, or leaves an append out, has broken its contract, and has told nothing about the commit.
        var error = ended.Error is { } thrown ? AsStoreException(thrown)
            : ended.Outcomes.Count == done.Count ? null
            : new StoreException($"The store gave {ended.Outcomes.Count} outcomes for {done.Count} appends.", isTransient: true);
        for (int i = 0; i < done.Count; i++)
        {
            var outcome = error is null ? ended.Outcomes[i] : new AppendOutcome(done[i].Append.Shard, AppendStatus.Unknown, Error: error);
            if (outcome.Status != AppendStatus.Committed) NodeMeter.OnAppendFailed(outcome.Status);
            done[i].Owner.Tell(new AppendEnded(outcome, span));
        }
        NodeMeter.OnAppended(Context.Time.GetElapsedTime(_startedAt));
        GoSoon();
    }

    private static StoreException AsStoreException(Exception e) =>
        e as StoreException ?? new StoreException($"The append ended with {e.GetType().Name}: {e.Message}", isTransient: true, e);

    internal interface IMessage;

    /// <summary>What a shard wants appended.</summary>
    /// <param name="Append">The rows.</param>
    /// <param name="Rows">How many.</param>
    /// <param name="Bytes">Their bytes.</param>
    /// <param name="Owner">The shard.</param>
    /// <param name="Span">That of a call in it; none: no call has one.</param>
    internal sealed record Bring(ShardAppend Append, int Rows, long Bytes, ActorRef<IShardMessage> Owner, ActivityContext Span) : IMessage;

    private sealed class Go : IMessage
    {
        public static readonly Go Instance = new();
    }

    private sealed record Ended(IReadOnlyList<AppendOutcome> Outcomes, Exception? Error) : IMessage;
}

/// <summary>Tells a shard how its append ended.</summary>
/// <param name="Outcome">How.</param>
/// <param name="Span">The span of the append; none: it has none.</param>
internal sealed record AppendEnded(AppendOutcome Outcome, ActivityContext Span) : IShardMessage;
