namespace ActorGrid.Actors;

/// <summary>The deadlines that were added from some of the threads. The young are an unordered list, since nearly all are met before anyone
/// looks; those that a sweep finds still open move on to a heap.</summary>
internal sealed class DeadlineStripe(Deadlines owner)
{
    private const int YoungMax = 1024;
    private readonly Lock _changing = new();
    private readonly PriorityQueue<Entry, (long Due, long Number)> _old = new();
    private readonly Entry[] _young = new Entry[YoungMax];
    private int _youngCount;
    private long _youngDue = long.MaxValue;
    private int _oldMax = YoungMax;
    private int _oldCounted;
    private long _number;
    private bool _closed;

    /// <summary>Adds one.</summary>
    /// <returns><see langword="false"/> if the stripe is closed.</returns>
    public bool TryAdd(IDeadline deadline, long due)
    {
        lock (_changing)
        {
            if (_closed) return false;
            if (_youngCount == YoungMax) Promote(long.MinValue, null);
            _young[_youngCount++] = new Entry(deadline, due, _number++);
            if (due < _youngDue) _youngDue = due;
            return true;
        }
    }

    /// <summary>Takes no more, and moves all that are open to <paramref name="into"/>.</summary>
    public void Close(List<Entry> into)
    {
        lock (_changing)
        {
            _closed = true;
            Promote(long.MinValue, null);
            into.AddRange(_old.UnorderedItems.Select(item => item.Element).Where(entry => !entry.Deadline.IsDone));
            _old.Clear();
            Count();
        }
    }

    /// <summary>Drops those that are done.</summary>
    public void Weed()
    {
        lock (_changing)
        {
            DropDone();
            Count();
        }
    }

    /// <summary>Moves what is due at <paramref name="now"/> to <paramref name="into"/>.</summary>
    /// <returns>When to come again.</returns>
    public long TakeDue(long now, List<Entry> into)
    {
        lock (_changing)
        {
            if (_youngDue <= now) Promote(now, into);
            while (_old.TryPeek(out Entry entry, out (long Due, long Number) at) && (at.Due <= now || entry.Deadline.IsDone))
            {
                _old.Dequeue();
                if (!entry.Deadline.IsDone) into.Add(entry);
            }

            Count();
            return Math.Min(_youngDue, _old.TryPeek(out _, out (long Due, long Number) first) ? first.Due : long.MaxValue);
        }
    }

    private void Promote(long now, List<Entry>? due)
    {
        foreach (Entry entry in _young.AsSpan(0, _youngCount))
        {
            if (entry.Deadline.IsDone) continue;
            if (entry.Due <= now) due!.Add(entry);
            else _old.Enqueue(entry, (entry.Due, entry.Number));
        }

        Array.Clear(_young, 0, _youngCount);
        _youngCount = 0;
        _youngDue = long.MaxValue;
        if (_old.Count > _oldMax) DropDone();
        Count();
    }

    private void Count()
    {
        if (_old.Count == _oldCounted) return;
        owner.CountOld(_old.Count - _oldCounted);
        _oldCounted = _old.Count;
    }

    /// <summary>Called when the heap has doubled, so an element pays for a constant number of looks.</summary>
    private void DropDone()
    {
        var open = _old.UnorderedItems.Where(item => !item.Element.Deadline.IsDone).ToArray();
        _old.Clear();
        _old.EnqueueRange(open);
        _oldMax = Math.Max(YoungMax, open.Length * 2);
    }

    internal readonly record struct Entry(IDeadline Deadline, long Due, long Number);
}
