namespace ActorGrid.Failover;

/// <summary>What the clients felt around the fault, in slices of time by when asks were due.</summary>
/// <param name="SliceMs">The width of a slice, in milliseconds.</param>
/// <param name="Slices">The slices, without gaps; the fault is at 0.</param>
internal sealed record Timeline(double SliceMs, IReadOnlyList<Slice> Slices)
{
    /// <summary>An ask that is answered within this counts as one for which the grid was there.</summary>
    public static readonly TimeSpan InTime = TimeSpan.FromMilliseconds(100);

    public static Timeline Of(IReadOnlyList<Ask> asks, TimeSpan fault, TimeSpan before, TimeSpan after, TimeSpan width)
    {
        var bySlice = asks.Where(a => a.Due >= fault - before && a.Due < fault + after).ToLookup(a => (int)Math.Floor((a.Due - fault) / width));
        int first = (int)Math.Floor(-before / width), end = (int)Math.Ceiling(after / width);
        return new Timeline(width.TotalMilliseconds, [.. Enumerable.Range(first, end - first).Select(i => SliceOf(i, bySlice[i]))]);

        Slice SliceOf(int index, IEnumerable<Ask> due)
        {
            Ask[] all = [.. due];
            var latencies = Latencies.Of(all);
            int inTime = all.Count(a => a.IsAnswered && a.Latency <= InTime);
            return new Slice(index * width.TotalMilliseconds, all.Length, all.Length == 0 ? 1 : (double)inTime / all.Length, latencies.P50, latencies.Max);
        }
    }
}

/// <summary>A slice of a timeline.</summary>
/// <param name="AtMs">Its begin, in milliseconds after the fault.</param>
/// <param name="Asks">How many asks were due in it.</param>
/// <param name="InTime">The share of them that was answered within <see cref="Timeline.InTime"/>; 1 without any.</param>
/// <param name="MedianMs">Their median latency.</param>
/// <param name="MaxMs">Their longest.</param>
internal readonly record struct Slice(double AtMs, int Asks, double InTime, double MedianMs, double MaxMs);
