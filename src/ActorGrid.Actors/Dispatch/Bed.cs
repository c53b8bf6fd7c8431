namespace ActorGrid.Actors;

/// <summary>Where one thread sleeps until it is woken. It sleeps at once: <see cref="SemaphoreSlim"/> yields the processor again and again before, which on a loaded machine takes more of
/// it than the work that the thread is waiting for.</summary>
/// <remarks>For one sleeper, and any number of threads that wake it. A wake-up that comes first is not lost: the next sleep ends at once.</remarks>
internal sealed class Bed
{
    private readonly object _monitor = new();
    private bool _isWoken;

    /// <summary>Sleeps until woken.</summary>
    public void Sleep()
    {
        lock (_monitor)
        {
            while (!_isWoken) Monitor.Wait(_monitor);
            _isWoken = false;
        }
    }

    /// <summary>Sleeps until woken, and no longer than that. May end earlier, as a thread may be interrupted in its sleep.</summary>
    public void Sleep(TimeSpan longest)
    {
        lock (_monitor)
        {
            if (!_isWoken) Monitor.Wait(_monitor, longest);
            _isWoken = false;
        }
    }

    /// <summary>Wakes the sleeper, or spares it the next sleep.</summary>
    public void Wake()
    {
        lock (_monitor)
        {
            _isWoken = true;
            Monitor.Pulse(_monitor);
        }
    }
}
