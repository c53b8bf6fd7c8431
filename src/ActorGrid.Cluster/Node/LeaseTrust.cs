namespace ActorGrid.Cluster;

/// <summary>How long the node may trust its lease: a fixed time from before it sent the renewal, by its monotonic clock and by the time since its host
/// booted, whichever ends first. The latter goes on while the host is suspended.</summary>
/// <remarks>Read from any thread; written by one.</remarks>
internal sealed class LeaseTrust(TimeProvider time, IBootClock boot, TimeSpan duration)
{
    private sealed record Term(long SentAt, TimeSpan SentAtBoot, long HeldSince, long Number, long ViewVersion);

    private volatile Term? _term;

    /// <summary>Whether the lease is trusted at this moment.</summary>
    public bool IsTrusted => _term is { } term && Covers(term, Now);

    /// <summary>The timestamp from which on the lease has been trusted, and each of its renewals has been answered at once; null: it is not trusted at this
    /// moment.</summary>
    /// <remarks>Who has not renewed for half the duration, which is longer than from one renewal to the next, cannot tell that the store was there.</remarks>
    public long? HeldSince => _term is { } term && IsHeld(term, Now) ? term.HeldSince : null;

    /// <summary>The version that the view had in the commit of the last renewal.</summary>
    public long ViewVersion => _term?.ViewVersion ?? long.MaxValue;

    /// <summary>The number of the last renewal; 0 before the first.</summary>
    public long Number => _term?.Number ?? 0;

    /// <summary>The clocks before a renewal is sent, to be given back with its answer.</summary>
    public (long Time, TimeSpan Boot) Now => (time.GetTimestamp(), boot.Uptime);

    /// <summary>A renewal that was sent at that time has succeeded.</summary>
    /// <param name="sentAt">The clocks before it was sent.</param>
    /// <param name="renewal">The answer.</param>
    /// <param name="wasAway">Whether the store has not answered, or late, since the last renewal: then others may have lost their leases meanwhile, even if this
    /// one was trusted all along.</param>
    public void Renewed((long Time, TimeSpan Boot) sentAt, LeaseRenewal renewal, bool wasAway)
    {
        long heldSince = !wasAway && _term is { } last && IsHeld(last, sentAt) ? last.HeldSince : Now.Time;
        _term = new Term(sentAt.Time, sentAt.Boot, heldSince, renewal.Number, renewal.ViewVersion);
    }

    private bool IsHeld(Term term, (long Time, TimeSpan Boot) at) => Covers(term, at) && time.GetElapsedTime(term.SentAt, at.Time) < duration / 2;

    private bool Covers(Term term, (long Time, TimeSpan Boot) at) =>
        time.GetElapsedTime(term.SentAt, at.Time) < duration && at.Boot - term.SentAtBoot < duration;
}

/// <summary>How long the host has been up, the time that it was suspended included (Linux: <c>CLOCK_BOOTTIME</c>).</summary>
/// <remarks>Thread-safe.</remarks>
public interface IBootClock
{
    /// <summary>The time since a fixed moment of this boot; never goes back.</summary>
    TimeSpan Uptime { get; }
}
