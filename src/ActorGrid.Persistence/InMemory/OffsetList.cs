namespace ActorGrid.Persistence;

/// <summary>The events of a shard in the order of their offsets, which have gaps where events were removed. Guarded by the journal's lock.</summary>
internal sealed class OffsetList
{
    private readonly List<StoredEvent> _events = [];

    /// <summary>The offset of the last event, which is never removed.</summary>
    public long Last => _events.Count == 0 ? 0 : _events[^1].Offset;

    /// <summary>The greatest offset that was removed; 0: none was.</summary>
    public long RemovedTo { get; set; }

    public void Add(StoredEvent e) => _events.Add(e);

    public bool Holds(StoredEvent e) => IndexAfter(e.Offset - 1) is var at && at < _events.Count && ReferenceEquals(_events[at], e);

    public void Remove(IReadOnlyList<StoredEvent> gone)
    {
        if (gone.Count == 0) return;
        long greatest = gone.Max(static e => e.Offset);
        if (greatest >= Last) throw new InvalidOperationException($"The last event of a shard stays, and {greatest} of {Last} was to go.");
        var all = gone.ToHashSet(ReferenceEqualityComparer.Instance);
        _events.RemoveAll(all.Contains);
        RemovedTo = Math.Max(RemovedTo, greatest);
    }

    public List<StoredEvent> Page(long after, int max)
    {
        int first = IndexAfter(after);
        return _events.GetRange(first, Math.Min(max, _events.Count - first));
    }

    /// <summary>Where the first event with a greater offset stands.</summary>
    private int IndexAfter(long offset)
    {
        int low = 0, high = _events.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_events[middle].Offset > offset) high = middle;
            else low = middle + 1;
        }
        return low;
    }
}
