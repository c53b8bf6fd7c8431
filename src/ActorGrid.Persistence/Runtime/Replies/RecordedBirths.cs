namespace ActorGrid.Persistence;

/// <summary>
/// The minutes in which recorded ids were issued. Ids may be refused up to the youngest that is really forgotten, and no further: a clock
/// that jumps ahead and is put right refuses nothing that it has not made the store forget.
/// </summary>
/// <remarks>Thread-safe: shards add, the janitor asks.</remarks>
internal sealed class RecordedBirths
{
    private const long MinuteMs = 60_000;

    private readonly Lock _gate = new();
    private readonly SortedSet<long> _minutes = [];
    private long _last = long.MinValue;
    private long _reach = 1;

    /// <summary>There may be any that are as old as that or older.</summary>
    public void AddOlder(long youngestUnixMs)
    {
        lock (_gate) _reach = Math.Max(_reach, youngestUnixMs + 1);
    }

    public void Add(long issuedAtUnixMs)
    {
        long minute = issuedAtUnixMs / MinuteMs;
        // Most ids are of the minute of the one before.
        if (Volatile.Read(ref _last) == minute) return;
        lock (_gate)
        {
            _minutes.Add(minute);
            Volatile.Write(ref _last, minute);
        }
    }

    /// <summary>The time up to which forgetting all ids issued before a time really reaches, now or earlier.</summary>
    public long Reach(long issuedBeforeUnixMs)
    {
        lock (_gate)
        {
            while (_minutes.Count > 0 && _minutes.Min * MinuteMs < issuedBeforeUnixMs)
            {
                long end = (_minutes.Min + 1) * MinuteMs;
                _reach = Math.Max(_reach, Math.Min(issuedBeforeUnixMs, end));
                if (end > issuedBeforeUnixMs) break;
                // What is recorded of that minute from now on is within reach already.
                _minutes.Remove(_minutes.Min);
            }
            return Math.Min(issuedBeforeUnixMs, _reach);
        }
    }
}
