using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>Between a shard, which says what it commits, and the reader of a subscription, which comes after: where both are, for the lag, and a wake-up when there is more.</summary>
/// <remarks>Thread-safe: the shard writes on its turn, the reader on its own.</remarks>
internal sealed class ShardFeed(string subscription, ActorRef<HandlerCanceller.Ended> canceller)
{
    private readonly Lock _gate = new();
    private ActorRef<IReaderMessage>? _reader;

    /// <summary>Who serves the shard, and until when; null: nobody on this node.</summary>
    private (object Owner, Epoch Epoch, CancellationTokenSource End)? _opening;

    /// <summary>The offset of the last event when it was opened.</summary>
    private long _lastAtOpening;
    private long _last, _reported;

    /// <summary>How far the reader has come; null: not known yet.</summary>
    private long? _done;
    private bool _isAwake;

    /// <summary>The offset of the last event that is known to be committed.</summary>
    public long Last => Volatile.Read(ref _last);

    /// <summary>Whom to wake; what has happened before is told to it.</summary>
    public void Attach(ActorRef<IReaderMessage> reader)
    {
        lock (_gate)
        {
            _reader = reader;
            if (_opening is { } opening) reader.TryTell(new ReaderOpened(opening.Epoch, _lastAtOpening, opening.End.Token));
        }
    }

    /// <summary>A shard is served. One that was closed before this may not have come to say so: it has left by this.</summary>
    public void Open(object owner, Epoch epoch, long last)
    {
        CancellationTokenSource? ended;
        lock (_gate)
        {
            ended = End();
            var opening = new CancellationTokenSource();
            (_opening, _lastAtOpening) = ((owner, epoch, opening), last);
            Volatile.Write(ref _last, last);
            _reader?.TryTell(new ReaderOpened(epoch, last, opening.Token));
        }
        Cancel(ended);
    }

    public void Commit(object owner, long last)
    {
        lock (_gate)
        {
            if (_opening?.Owner != owner) return;
            Volatile.Write(ref _last, last);
            Report();
            // One at a time in the mailbox: a handler that takes long must not find one for each commit.
            if (_isAwake || _reader is null) return;
            _isAwake = true;
            _reader.TryTell(ReaderTick.Wake);
        }
    }

    /// <summary>A shard has left: what the handler is at shall end.</summary>
    /// <param name="owner">Which one; null: whichever, since the subscription stops.</param>
    public void Leave(object? owner)
    {
        CancellationTokenSource? ended;
        lock (_gate)
        {
            if (owner is not null && _opening?.Owner != owner) return;
            ended = End();
        }
        Cancel(ended);
    }

    /// <summary>The reader has taken its wake-up, and looks at <see cref="Last"/> after this.</summary>
    public void Rearm()
    {
        lock (_gate) _isAwake = false;
    }

    /// <summary>The reader is done with all events up to there.</summary>
    public void Done(long offset)
    {
        lock (_gate)
        {
            if (_opening is null) return;
            _done = offset;
            Report();
        }
    }

    private CancellationTokenSource? End()
    {
        var ended = _opening?.End;
        (_opening, _done) = (null, null);
        Report();
        if (ended is not null) _reader?.TryTell(ReaderTick.Leave);
        return ended;
    }

    /// <summary>Not on the turn of the shard, and not under the lock: it runs what the user's code has registered.</summary>
    private void Cancel(CancellationTokenSource? ended)
    {
        if (ended is not null) canceller.TryTell(new HandlerCanceller.Ended(ended, _reader));
    }

    private void Report()
    {
        long lag = _done is { } done ? Math.Max(0, _last - done) : 0;
        if (lag != _reported) SubscriptionMeter.OnLag(subscription, lag - _reported);
        _reported = lag;
    }
}
