namespace Sessions.Tests;

public sealed class LatencyHistogramTests
{
    [Fact]
    public void Buckets_follow_each_other_without_gap_or_overlap()
    {
        for (int bucket = 0; bucket < Latencies.BucketCount; bucket++)
        {
            Assert.Equal(bucket, Latencies.BucketOf(Latencies.EndOf(bucket)));
            if (bucket + 1 < Latencies.BucketCount) Assert.Equal(bucket + 1, Latencies.BucketOf(Latencies.EndOf(bucket) + 1));
        }
    }

    [Fact]
    public void Every_percentile_is_within_a_hundredth_of_the_true_one()
    {
        var random = new Random(7);
        double[] microseconds = [.. Enumerable.Range(0, 20_000).Select(_ => Math.Floor(Math.Exp(random.NextDouble() * 16)) + 1).Order()];
        var values = Array.ConvertAll(microseconds, TimeSpan.FromMicroseconds);
        var histogram = new LatencyHistogram();
        foreach (var value in values) histogram.Record(value);

        var read = histogram.Read();

        foreach (double percent in new[] { 1, 50, 90, 99, 99.9, 100 })
        {
            var exact = values[(int)Math.Ceiling(values.Length * percent / 100) - 1];
            Assert.InRange(read.Percentile(percent) / exact, 0.999, 1.01);
        }
        Assert.Equal(read.Percentile(100), read.Max);
    }

    [Fact]
    public void A_reading_since_another_holds_only_what_came_between()
    {
        var histogram = new LatencyHistogram();
        histogram.Record(TimeSpan.FromSeconds(1));
        var earlier = histogram.Read();
        histogram.Record(TimeSpan.FromMilliseconds(1));

        var recent = histogram.Read().Since(earlier);

        Assert.Equal(1, recent.Count);
        Assert.InRange(recent.Max.TotalMilliseconds, 1, 1.01);
    }

    [Fact]
    public void What_lies_outside_the_range_counts_at_its_ends()
    {
        var histogram = new LatencyHistogram();
        histogram.Record(TimeSpan.FromSeconds(-1));
        histogram.Record(TimeSpan.FromDays(1));

        var read = histogram.Read();

        Assert.Equal(2, read.Count);
        Assert.Equal(TimeSpan.Zero, read.Percentile(50));
        Assert.InRange(read.Max.TotalMinutes, 73, 74);
    }

    [Fact]
    public void Without_any_all_is_zero() => Assert.Equal(TimeSpan.Zero, Latencies.Empty.Max);
}
