namespace ActorGrid.Transport;

/// <summary>How many bytes the links of a transport may hold of messages that have not come whole, all together: many peers that each stay below the cap of a
/// message must not fill the memory.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class ReceiveBudget(long bytesMax)
{
    private long _taken;

    /// <summary>Takes room before it is used.</summary>
    /// <exception cref="RefusedException">There are not so many left.</exception>
    public void Take(int bytes)
    {
        if (Interlocked.Add(ref _taken, bytes) <= bytesMax) return;
        Interlocked.Add(ref _taken, -bytes);
        throw new RefusedException(Refusal.Overloaded, $"messages that have not come whole hold {bytesMax} bytes on all links already");
    }

    public void Return(int bytes) => Interlocked.Add(ref _taken, -bytes);
}
