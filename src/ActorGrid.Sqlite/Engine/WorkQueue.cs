namespace ActorGrid.Sqlite;

/// <summary>Work for threads of the store. Adding never waits; taking waits for work or for the end.</summary>
internal sealed class WorkQueue<T>(int countMax)
{
    private readonly Queue<T> _items = [];
    private bool _isClosed;

    /// <summary>Adds an item.</summary>
    /// <returns>False if the queue is full.</returns>
    /// <exception cref="ObjectDisposedException">The queue is closed.</exception>
    public bool TryAdd(T item)
    {
        lock (_items)
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(SqliteStore));
            if (_items.Count >= countMax) return false;
            _items.Enqueue(item);
            Monitor.Pulse(_items);
            return true;
        }
    }

    /// <summary>Takes the first item, and those behind it that fit with it into a bound.</summary>
    /// <returns>False once the queue is closed and all was taken.</returns>
    public bool Take(List<T> taken, Func<T, int> sizeOf, int sizeMax)
    {
        taken.Clear();
        lock (_items)
        {
            while (_items.Count == 0)
            {
                if (_isClosed) return false;
                Monitor.Wait(_items);
            }
            int size = 0;
            do
            {
                size += sizeOf(_items.Peek());
                taken.Add(_items.Dequeue());
            }
            while (_items.Count > 0 && size + sizeOf(_items.Peek()) <= sizeMax);
            return true;
        }
    }

    /// <summary>Takes no more; what is in it is still given out.</summary>
    public void Close()
    {
        lock (_items)
        {
            _isClosed = true;
            Monitor.PulseAll(_items);
        }
    }
}
