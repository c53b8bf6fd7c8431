namespace ActorGrid.Actors;

/// <summary>What is known of the refusals at one bound, to say when to come back: in about as long as the bound has been full already, within limits, and spread over twice that.</summary>
/// <remarks>
/// <para>Nothing is measured while there is room, so a bound costs whoever gets in nothing more. How fast places become free would not answer the question anyway: that is how many others come for
/// them, and those who were refused for long are many.</para>
/// <para>Thread-safe. Two refusals at one moment may both take themselves for the first; the worst of it is a shorter wait.</para>
/// </remarks>
/// <param name="bound">What is bounded, in words.</param>
/// <param name="option">The option that raises it.</param>
/// <param name="limit">The bound.</param>
/// <param name="time">The clock.</param>
/// <param name="random">Where the spread begins. It is drawn from at the first refusal only.</param>
internal sealed class Refusals(string bound, string option, long limit, TimeProvider time, Random random)
{
    /// <summary>By a step of the golden ratio, refusals one after the other are spread as evenly as can be.</summary>
    private const ulong SpreadStep = 0x9E3779B97F4A7C15;

    /// <summary>A refusal so long after the last one begins anew; longer than anybody who does as told stays away.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(3);

    private long _first;
    private long _last;
    private long _spread;

    /// <summary>The shortest wait before the spread, a few flushes of the store.</summary>
    public TimeSpan Shortest { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>The longest wait before the spread.</summary>
    public TimeSpan Longest { get; init; } = TimeSpan.FromSeconds(1);

    public long Limit => limit;

    /// <summary>Counts a refusal, and says for how long.</summary>
    public TimeSpan Next()
    {
        OverloadMeter.OnRefused(option.Length > 0 ? option : bound);
        long now = time.GetTimestamp();
        long last = Interlocked.Exchange(ref _last, now);
        long spread = Volatile.Read(ref _spread);
        if (spread == 0) Interlocked.CompareExchange(ref _spread, random.NextInt64() | 1, 0);
        if (spread == 0 || time.GetElapsedTime(last, now) > Quiet + (2 * Longest)) Volatile.Write(ref _first, now);
        var full = time.GetElapsedTime(Volatile.Read(ref _first), now);
        var wait = full < Shortest ? Shortest : full > Longest ? Longest : full;
        ulong place = (ulong)Interlocked.Add(ref _spread, unchecked((long)SpreadStep));
        return wait * (1 + ((place >> 11) * (1.0 / (1UL << 53))));
    }

    /// <summary>The error of somebody who is refused.</summary>
    /// <param name="target">Whom it was for.</param>
    public OverloadedException Refuse(string target) => new(target, bound, limit, option, Next());
}
