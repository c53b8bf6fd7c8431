using System.Numerics;

namespace Sessions;

/// <summary>
/// Counts latencies in buckets whose width grows with the latency, so that a fixed 36 KB hold any number of them and every percentile is
/// off by less than 1 %.
/// </summary>
/// <remarks>Any number of threads may record at once.</remarks>
internal sealed class LatencyHistogram
{
    private readonly long[] _counts = new long[Latencies.BucketCount];

    public void Record(TimeSpan latency) => Interlocked.Increment(ref _counts[Latencies.BucketOf((long)latency.TotalNanoseconds)]);

    /// <summary>What was recorded so far. A recording that happens meanwhile is in this one or in the next.</summary>
    public Latencies Read()
    {
        var copy = new long[_counts.Length];
        for (int i = 0; i < copy.Length; i++) copy[i] = Volatile.Read(ref _counts[i]);
        return new Latencies(copy);
    }
}

/// <summary>Recorded latencies, as they were at one time.</summary>
internal sealed class Latencies(long[] counts)
{
    // Every power of two is cut into 128 buckets of equal width; below 128 ns, a bucket is a nanosecond. The last bucket also takes all
    // that lasted longer than 73 minutes.
    private const int SubBits = 7, SubCount = 1 << SubBits, ValueBits = 42;

    public const int BucketCount = (ValueBits - SubBits + 1) * SubCount;

    private readonly long[] _counts = counts;

    public static Latencies Empty { get; } = new(new long[BucketCount]);

    public long Count { get; } = counts.Sum();

    /// <summary>The longest, rounded up to the end of its bucket.</summary>
    public TimeSpan Max => Percentile(100);

    /// <summary>What was recorded since an earlier reading of the same histogram.</summary>
    public Latencies Since(Latencies earlier) => new([.. _counts.Zip(earlier._counts, (now, then) => now - then)]);

    /// <summary>The latency that so many per cent did not exceed, rounded up to the end of its bucket; zero without any.</summary>
    public TimeSpan Percentile(double percent)
    {
        if (Count == 0) return TimeSpan.Zero;
        long rank = Math.Clamp((long)Math.Ceiling(Count * percent / 100), 1, Count), seen = 0;
        int bucket = 0;
        while ((seen += _counts[bucket]) < rank) bucket++;
        return TimeSpan.FromMicroseconds(EndOf(bucket) / 1000.0);
    }

    internal static int BucketOf(long nanoseconds)
    {
        long value = Math.Clamp(nanoseconds, 0, (1L << ValueBits) - 1);
        if (value < SubCount) return (int)value;
        int shift = BitOperations.Log2((ulong)value) - SubBits;
        return (shift * SubCount) + (int)(value >> shift);
    }

    /// <summary>The highest value, in nanoseconds, that falls into a bucket.</summary>
    internal static long EndOf(int bucket)
    {
        if (bucket < SubCount) return bucket;
        int shift = (bucket / SubCount) - 1;
        return (((bucket % SubCount) + SubCount + 1L) << shift) - 1;
    }
}
