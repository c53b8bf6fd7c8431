namespace ActorGrid.Persistence;

/// <summary>How far the reader has come, as the store knows it.</summary>
internal sealed partial class ShardReader
{
    private CursorKey Key => new(Name, shard);

    private async Task<Cursor> ReadCursorAsync(ReaderOpened opening)
    {
        var cursors = await StoreTask.From(() => setting.Store.Cursors.ReadAsync([Key], opening.Token));
        if (cursors.Count != 1) throw new StoreException($"The store gave {cursors.Count} cursors for one.", isTransient: true);
        var cursor = cursors[0];
        if (_tried is { } tried && (cursor == tried || cursor.Version == tried.Version - 1))
        {
            // Nobody else was here since: where it stands it knows better than the store. One that was not stored may still land, and says another time for ids than the one before:
            // no event is given before a further one has been stored, which shuts it out.
            _isMine = cursor == tried;
            return cursor;
        }
        _isMine = false;
        if (cursor.Version == 0 && setting.Subscription.Options.FromNow)
        {
            // Stored at once, so that "now" is the same for whoever comes after.
            cursor = await MoveAsync(new Cursor(1, opening.Epoch, opening.Last, opening.Last, IssuedAtUnixMs: 0));
        }
        if (cursor.Epoch > opening.Epoch) throw Lost();
        // What was committed after the shard had come here was given by nobody before: an owner gives only what it knows to be committed.
        _done = cursor.Offset;
        _given = cursor.Epoch < opening.Epoch ? Math.Clamp(cursor.GivenTo, _done, Math.Max(_done, opening.Last)) : cursor.GivenTo;
        if (_done > feed.Last) throw new InvalidOperationException($"'{Name}' is done with event {_done} of {shard}, whose last one is {feed.Last}.");
        feed.Done(_done);
        return cursor;
    }

    /// <summary>Stores how far it has come, and claims the events that it gives next.</summary>
    private async Task StoreAsync(bool isLast)
    {
        var from = _cursor!;
        if (_done < from.Offset) throw new InvalidOperationException($"'{Name}' is done with {_done} in {shard}, and has stored {from} already.");
        // The time of ids may change where no event has one yet. Where some may have been given, it stays until these are done with.
        bool isFresh = _done >= _given;
        var to = new Cursor(
            from.Version + 1,
            _opening!.Epoch,
            _done,
            isLast ? Math.Max(_done, _given) : isFresh ? _done + AheadMax : from.GivenTo,
            isFresh ? Context.Time.GetUtcNow().ToUnixTimeMilliseconds() : from.IssuedAtUnixMs);
        // Not known while it is under way: if that fails, it is read anew.
        (_cursor, _tried) = (null, to);
        _cursor = await MoveAsync(to);
        _isMine = true;
        _storedAt = Context.Time.GetTimestamp();
    }

    /// <summary>Stores the cursor if there is something to store; what fails then is made up for later, or costs events that are given again.</summary>
    private async Task TryStoreAsync(bool isLast)
    {
        if (_opening is null || _cursor is null || (_done == _cursor.Offset && (!isLast || _cursor.GivenTo == _done))) return;
        var (done, given) = (_done, _given);
        try
        {
            await StoreAsync(isLast);
        }
        catch (Exception e)
        {
            if (isLast) LogNotStored(Name, shard, done, given, e.Message);
            else Rest(e);
        }
    }

    private async Task<Cursor> MoveAsync(Cursor to) => await CursorLane.MoveAsync(setting.Cursors, new CursorMove(Key, to)) ? to : throw Lost();

    private StoreException Lost()
    {
        _tried = null;
        return new StoreException($"Somebody else has moved the cursor of '{Name}' in {shard}: most likely the shard has another owner by now.", isTransient: true);
    }
}
