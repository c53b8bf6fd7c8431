using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>Gives the events of one shard to one subscription, for as long as the node serves the shard, and stores how far it has come.</summary>
/// <remarks>
/// <para>The invariants: events are given in the order of their offsets, one at a time, and none is passed over; the stored cursor names only events that are done with; and no event is given beyond
/// <see cref="Cursor.GivenTo"/> of a cursor that this opening has stored itself. The last one makes the ids of commands hold: whoever comes after finds out which events may have been given before, and under which
/// time.</para>
/// <para>Nothing else is exclusive: an owner that does not know yet that it is one no more may give an event that the next one gives too. Only one of them moves the cursor, and the other then reads it anew.</para>
/// </remarks>
internal sealed partial class ShardReader(ReaderSetting setting, ShardId shard, ShardFeed feed) : Actor<IReaderMessage>
{
    /// <summary>Events in one read.</summary>
    private const int PageMax = 100;

    /// <summary>After so many events, or so long, the cursor is stored.</summary>
    private const int StoreEvery = 500;
    private static readonly TimeSpan StoreAfter = TimeSpan.FromSeconds(1);

    /// <summary>How far beyond its cursor a reader may give: more than it does between two times that it stores it.</summary>
    private const int AheadMax = 2 * StoreEvery;

    /// <summary>Before an event is given for the first time, under a time of ids that is older than this, it is claimed anew: replies are kept for longer.</summary>
    private static readonly TimeSpan ClaimAge = TimeSpan.FromSeconds(10);

    private ClearEvents _clear = null!;

    /// <summary>When the cursor was stored last.</summary>
    private long _storedAt;

    /// <summary>The opening at hand; null: the node does not serve the shard.</summary>
    private ReaderOpened? _opening;

    /// <summary>The cursor as it was read or stored last; null: not known.</summary>
    private Cursor? _cursor;
    private bool _isMine, _isWaiting, _isResting, _isStopping;

    /// <summary>The cursor that was to be stored last in this opening.</summary>
    private Cursor? _tried;

    /// <summary>All events up to there are done with, and none after <see cref="_given"/> was ever given.</summary>
    private long _done, _given;

    /// <summary>What counts in the place of events of the page at hand that could not be read, by repairs of their entities and by their offsets.</summary>
    private readonly Dictionary<long, JournalEvent> _repaired = [];

    /// <summary>In a row, without an event between.</summary>
    private int _failures;

    private string Name => setting.Subscription.Name;

    protected override ValueTask OnStartAsync()
    {
        _logger = Context.Logger;
        _clear = new ClearEvents(setting.Type, Context.Time);
        // A new instance after a defect is told of the opening too.
        feed.Attach(Self);
        return default;
    }

    protected override async ValueTask OnMessageAsync(IReaderMessage message)
    {
        if (message is ReaderOpened opened)
        {
            // It may have left in the same moment: then that is the next message.
            (_opening, _cursor, _isMine, _tried) = (opened, null, false, null);
        }
        else if (message == ReaderTick.Wake)
        {
            feed.Rearm();
        }
        else if (message == ReaderTick.Go)
        {
            _isWaiting = false;
            await TakeTurnAsync();
        }
        else if (message == ReaderTick.Retry)
        {
            _isResting = false;
        }
        else if (message == ReaderTick.Store)
        {
            await TryStoreAsync(isLast: false);
        }
        else if (message == ReaderTick.Leave)
        {
            await LeaveAsync();
        }
        else if (message == ReaderTick.Stop)
        {
            await LeaveAsync();
            _isStopping = true;
        }
        else if (message is ReaderFault fault)
        {
            LogCancelFailed(Name, shard, fault.Error);
        }
        Continue();
    }

    /// <summary>Waits for its turn if there is something to do.</summary>
    private void Continue()
    {
        // It gives its turn back before it stops.
        if (_isWaiting) return;
        if (_isStopping) Context.StopSelf();
        else if (!_isResting && _opening is not null && IsBehind)
        {
            _isWaiting = true;
            setting.Turns.Want(Self);
        }
    }

    private bool IsBehind => _cursor is null ? feed.Last > 0 || setting.Subscription.Options.FromNow : _done < feed.Last;

    private async Task TakeTurnAsync()
    {
        var opening = _opening;
        try
        {
            if (opening is null || _isResting || opening.Token.IsCancellationRequested) return;
            await AdvanceAsync(opening);
        }
        catch (OperationCanceledException) when (opening!.Token.IsCancellationRequested)
        {
            // The shard has left; the one who has it now goes on.
        }
        catch (Exception e)
        {
            Rest(e);
        }
        finally
        {
            setting.Turns.Leave();
        }
    }

    private async Task AdvanceAsync(ReaderOpened opening)
    {
        _cursor ??= await ReadCursorAsync(opening);
        if (_done >= feed.Last)
        {
            _failures = 0;
            StoreLater();
            return;
        }
        try
        {
            if (setting.Sink is IEventProjector projector) await ProjectAsync(projector, opening.Token);
            else await GiveAsync((IEventHandler)setting.Sink, opening.Token);
        }
        catch (UnreadableEventException e)
        {
            // If what a repair put in its place cannot be read either, a later repair may say more, after a pause.
            if (_repaired.Remove(e.Stored.Offset) || await RepairedEvent.FindAsync(setting.Store.Journal, setting.Type, _clear, e.Stored.Event, opening.Token) is not { } instead) throw;
            // Those that are done with need not be known any more, and of a page there are no more than that.
            if (_repaired.Count >= PageMax) _repaired.Clear();
            _repaired.Add(e.Stored.Offset, instead);
        }
    }

    private async Task GiveAsync(IEventHandler handler, CancellationToken token)
    {
        if (!_isMine || _done >= _cursor!.GivenTo) await StoreAsync(isLast: false);
        int done = 0;
        var page = await ReadPageAsync((int)Math.Min(PageMax, _cursor!.GivenTo - _done), token);
        // What was removed is passed, and with it the end of what is claimed.
        if (_done >= _cursor.GivenTo && page.Count > 0) await StoreAsync(isLast: false);
        try
        {
            foreach (var stored in page)
            {
                token.ThrowIfCancellationRequested();
                if (stored.Offset > _cursor!.GivenTo) break;
                // One by one, when its turn has come: the entity may be forgotten while others are handled.
                var clear = await _clear.OfAsync(stored, _repaired, token);
                bool isOld = stored.Offset > _given && IsOldClaim(stored.Event.AtUnixMs);
                if (isOld || (_done > _cursor!.Offset && Context.Time.GetElapsedTime(_storedAt) >= StoreAfter)) await StoreAsync(isLast: false);
                _given = Math.Max(_given, stored.Offset);
                if (_given > _cursor!.GivenTo) throw new InvalidOperationException($"Event {stored.Offset} of {shard} is given to '{Name}' beyond its cursor, {_cursor}.");
                await handler.GiveAsync(shard, clear, _cursor.IssuedAtUnixMs, token);
                _done = stored.Offset;
                feed.Done(_done);
                (_failures, done) = (0, done + 1);
            }
        }
        finally
        {
            if (done > 0) SubscriptionMeter.OnEvents(Name, done);
            StoreLater();
        }
        if (_done - _cursor!.Offset >= StoreEvery) await StoreAsync(isLast: false);
    }

    /// <summary>Whether ids of an event that was decided then would be so old, under the cursor at hand, that their commands could be refused.</summary>
    private bool IsOldClaim(long atUnixMs) => Context.Time.GetUtcNow().ToUnixTimeMilliseconds() - Math.Max(_cursor!.IssuedAtUnixMs, atUnixMs) > ClaimAge.TotalMilliseconds;

    private void StoreLater()
    {
        if (_cursor is not null && _done > _cursor.Offset && !Context.Timers.IsRunning(ReaderTick.Store)) Context.Timers.StartOnce(ReaderTick.Store, StoreAfter, ReaderTick.Store);
    }

    private async Task ProjectAsync(IEventProjector projector, CancellationToken token)
    {
        var from = _cursor!;
        var page = await _clear.OfAsync(await ReadPageAsync(PageMax, token), _repaired, token);
        if (page.Count == 0) return;
        try
        {
            await ProjectAsync(projector, from, page, token);
        }
        catch (UnreadableEventException e) when (e.Stored.Offset > page[0].Offset)
        {
            // It was found before anything was written. Those before it need not wait for it.
            await ProjectAsync(projector, from, [.. page.TakeWhile(before => before.Offset < e.Stored.Offset)], token);
        }
    }

    private async Task ProjectAsync(IEventProjector projector, Cursor from, IReadOnlyList<StoredEvent> page, CancellationToken token)
    {
        var to = new Cursor(from.Version + 1, _opening!.Epoch, page[^1].Offset, page[^1].Offset, 0);
        // What became of a commit that failed is not known; the cursor tells, so it is read anew.
        _cursor = null;
        if (!await projector.ProjectAsync(new CursorMove(new CursorKey(Name, shard), to), page, token)) throw Lost();
        (_cursor, _done, _given, _failures) = (to, to.Offset, to.Offset, 0);
        feed.Done(_done);
        SubscriptionMeter.OnEvents(Name, page.Count);
    }

    /// <summary>The events after the last that is done with. What was removed right after that is done with; if it reaches to the last event that is known to be committed, there are none.</summary>
    private async Task<IReadOnlyList<StoredEvent>> ReadPageAsync(int eventsMax, CancellationToken token)
    {
        long last = feed.Last, before = _done;
        var (events, removedTo) = await StoreTask.From(() => setting.Store.Journal.ReadShardAsync(shard, _done, (int)Math.Min(eventsMax, last - _done), token));
        if (events.Count == 0) throw new StoreException($"The store has no event of {shard} after {_done}, and {last} is committed.", isTransient: true);
        foreach (var stored in events)
        {
            bool isNext = stored.Offset == before + 1 || (stored.Offset > before && stored.Offset - 1 <= removedTo);
            if (!isNext) throw new InvalidOperationException($"Event {stored.Offset} of {shard} was read where {before + 1} stands: the journal has a gap.");
            before = stored.Offset;
        }
        if (events[0].Offset > _done + 1)
        {
            _done = Math.Min(events[0].Offset - 1, last);
            feed.Done(_done);
        }
        // In place of those that are gone, some may have come that were committed since: it is not for this opening to say whose they are.
        return events[^1].Offset <= last ? events : [.. events.Where(stored => stored.Offset <= last)];
    }

    private void Rest(Exception e)
    {
        SubscriptionMeter.OnFailure(Name);
        var pause = setting.Subscription.Options.Retry.Delay(_failures++, Context.Random);
        if (setting.Failures.TryPass()) LogFailed(Name, shard, _done + 1, _failures, pause, e);
        _isResting = true;
        Context.Timers.StartOnce(ReaderTick.Retry, pause, ReaderTick.Retry);
    }

    private async Task LeaveAsync()
    {
        if (_opening is null) return;
        Context.Timers.Cancel(ReaderTick.Retry);
        Context.Timers.Cancel(ReaderTick.Store);
        (_isResting, _failures) = (false, 0);
        if (_isMine) await TryStoreAsync(isLast: true);
        (_opening, _cursor, _isMine) = (null, null, false);
        _repaired.Clear();
    }
}
