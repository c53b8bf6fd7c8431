namespace ActorGrid.Persistence;

/// <summary>A bound on how many things a node keeps in memory, shared by its shards.</summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="limit">The bound.</param>
/// <param name="counter">Follows what is taken; null: nobody counts.</param>
internal sealed class Budget(long limit, System.Diagnostics.Metrics.UpDownCounter<long>? counter = null)
{
    private long _taken;

    /// <summary>How many are taken now.</summary>
    public long Taken => Volatile.Read(ref _taken);

    /// <summary>Whether more are taken than the bound allows: whoever has some to give up should.</summary>
    public bool IsExceeded => Taken > limit;

    /// <summary>Takes places whether there are any or not; look at <see cref="IsExceeded"/> afterwards.</summary>
    public void Take(long count)
    {
        Interlocked.Add(ref _taken, count);
        counter?.Add(count);
    }

    public void Return(long count) => Take(-count);
}
