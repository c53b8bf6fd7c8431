namespace ActorGrid.Actors;

/// <summary>The children of an actor: a list linked through the cells, and an index of those with names. Thread-safe, since a child leaves on its own turn, and
/// anybody may spawn below the root.</summary>
internal sealed class Children
{
    private readonly Lock _changing = new();
    private Dictionary<string, ActorCell>? _named;
    private ActorCell? _first;
    private ActorCell? _oldest;
    private int _count;
    private bool _closed;

    public int Count => Volatile.Read(ref _count);

    public void Add(ActorCell parent, ActorCell child, string? name)
    {
        lock (_changing)
        {
            if (_closed) throw new InvalidOperationException($"Actor {parent.Path} is stopping or restarting and takes no new children.");
            if (name is not null && !(_named ??= new(StringComparer.Ordinal)).TryAdd(name, child))
                throw new InvalidOperationException($"Actor {parent.Path} already has a child '{name}'. Choose another name, or wait until that child has stopped.");
            child.NextSibling = _first;
            if (_first is not null) _first.PreviousSibling = child;
            _first = child;
            _oldest ??= child;
            _count++;
        }
    }

    /// <summary>Lets a stopped child go.</summary>
    /// <returns><see langword="true"/> if the parent waits for its children and this was the last.</returns>
    public bool Remove(ActorCell child, string? name)
    {
        lock (_changing)
        {
            if (name is not null) _named!.Remove(name);
            if (child.PreviousSibling is { } previous) previous.NextSibling = child.NextSibling;
            else _first = child.NextSibling;
            if (child.NextSibling is { } next) next.PreviousSibling = child.PreviousSibling;
            else _oldest = child.PreviousSibling;
            child.NextSibling = child.PreviousSibling = null;
            _count--;
            return _closed && _count == 0;
        }
    }

    /// <summary>Takes no more, because the parent is going to wait until all have stopped.</summary>
    public ActorCell[] Close()
    {
        lock (_changing)
        {
            _closed = true;
            return Snapshot();
        }
    }

    public void Reopen()
    {
        lock (_changing) _closed = false;
    }

    public ActorCell[] All()
    {
        lock (_changing) return Snapshot();
    }

    /// <summary>Some of the children, and how many there are in all: first those with a name of their own, then the others, each from the oldest.</summary>
    public ActorCell[] NamedThenOldest(int most, out int count)
    {
        lock (_changing)
        {
            count = _count;
            var taken = new ActorCell[Math.Min(most, _count)];
            int named = Math.Min(taken.Length, _named?.Count ?? 0);
            Take(taken.AsSpan(0, named), areNamed: true);
            Take(taken.AsSpan(named), areNamed: false);
            return taken;
        }
    }

    /// <summary>Ends with the last one that there is room for, since the lock is held meanwhile.</summary>
    private void Take(Span<ActorCell> into, bool areNamed)
    {
        ActorCell? child = _oldest;
        for (int i = 0; i < into.Length; child = child!.PreviousSibling)
        {
            if (child!.HasName == areNamed) into[i++] = child;
        }
    }

    private ActorCell[] Snapshot()
    {
        var all = new ActorCell[_count];
        int i = _count;
        // The list runs from the youngest; the answer from the oldest.
        for (ActorCell? child = _first; child is not null; child = child.NextSibling) all[--i] = child;
        return all;
    }
}
