namespace Sessions;

/// <summary>How the load is going; written by the generator, read by the screen.</summary>
internal sealed class LoadProgress
{
    private long _acknowledged, _unanswered, _behind;
    private int _outstanding;
    private string? _lastFailure;

    public LatencyHistogram Latency { get; } = new();

    /// <summary>Events whose acknowledgement is in the ledger.</summary>
    public long Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>Events that were sent and ended without an answer; the verification settles them.</summary>
    public long Unanswered => Volatile.Read(ref _unanswered);

    /// <summary>Why the last of the unanswered events is one; null without any.</summary>
    public string? LastFailure => Volatile.Read(ref _lastFailure);

    /// <summary>Events under way.</summary>
    public int Outstanding => Volatile.Read(ref _outstanding);

    /// <summary>
    /// How long the last event that was sent had been due: more than a few milliseconds means that the grid does not keep up with the rate.
    /// </summary>
    public TimeSpan Behind => new(Volatile.Read(ref _behind));

    public void Sent(TimeSpan behind)
    {
        Interlocked.Increment(ref _outstanding);
        Volatile.Write(ref _behind, behind.Ticks);
    }

    /// <summary>An event has ended: acknowledged, if there is no failure.</summary>
    public void Ended(Exception? failure)
    {
        Interlocked.Increment(ref failure is null ? ref _acknowledged : ref _unanswered);
        if (failure is not null) Volatile.Write(ref _lastFailure, failure.Message);
        Interlocked.Decrement(ref _outstanding);
    }
}
