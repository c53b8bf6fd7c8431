namespace ActorGrid.Testing;

/// <summary>Something that happens in the world at a time.</summary>
internal interface IOccurrence
{
    /// <summary>It happens now.</summary>
    /// <param name="argument">What it was put on the agenda with.</param>
    void Occur(long argument);
}

/// <summary>What is to happen when: a binary heap, by time and then in the order of entry.</summary>
internal sealed class Agenda
{
    private Entry[] _heap = new Entry[256];
    private int _count;
    private long _number;

    public int Count => _count;

    /// <summary>When the first is due; the latest time of all if there is none.</summary>
    public long NextDue => _count > 0 ? _heap[0].Due : long.MaxValue;

    public void Add(long due, IOccurrence what, long argument)
    {
        if (_count == _heap.Length) Array.Resize(ref _heap, _count * 2);
        var entry = new Entry(due, _number++, what, argument);
        int at = _count++;
        while (at > 0)
        {
            int parent = (at - 1) >> 1;
            if (!entry.IsBefore(_heap[parent])) break;
            _heap[at] = _heap[parent];
            at = parent;
        }
        _heap[at] = entry;
    }

    /// <summary>Takes the first out.</summary>
    public Entry Take()
    {
        var first = _heap[0];
        var last = _heap[--_count];
        _heap[_count] = default;
        if (_count > 0) SinkFromRoot(last);
        return first;
    }

    private void SinkFromRoot(in Entry entry)
    {
        int at = 0;
        while (true)
        {
            int child = (2 * at) + 1;
            if (child >= _count) break;
            if (child + 1 < _count && _heap[child + 1].IsBefore(_heap[child])) child++;
            if (!_heap[child].IsBefore(entry)) break;
            _heap[at] = _heap[child];
            at = child;
        }
        _heap[at] = entry;
    }

    internal readonly record struct Entry(long Due, long Number, IOccurrence What, long Argument)
    {
        public bool IsBefore(in Entry other) => Due != other.Due ? Due < other.Due : Number < other.Number;
    }
}
