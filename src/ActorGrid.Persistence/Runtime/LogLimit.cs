namespace ActorGrid.Persistence;

/// <summary>Lets one log entry pass in a second: when the store fails, all shards have the same to say.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class LogLimit(TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();
    private long _nextMs;

    public bool TryPass()
    {
        long now = (long)time.GetElapsedTime(_start).TotalMilliseconds, next = Volatile.Read(ref _nextMs);
        return now >= next && Interlocked.CompareExchange(ref _nextMs, now + 1000, next) == next;
    }
}
