using System.Globalization;

namespace Sessions;

/// <summary>The progress of the load at one moment, and since the moment before.</summary>
internal sealed record LoadReading(
    TimeSpan At, long Acknowledged, double PerSecond, int Outstanding, long Unanswered, string? LastFailure, TimeSpan Behind,
    Latencies All, Latencies Recent)
{
    /// <summary>The throughput of the whole load.</summary>
    public double MeanPerSecond => Acknowledged / Math.Max(At.TotalSeconds, 1e-3);

    public static LoadReading Start { get; } = new(
        TimeSpan.Zero, 0, 0, 0, 0, LastFailure: null, TimeSpan.Zero, Latencies.Empty, Latencies.Empty);

    public LoadReading Next(LoadProgress progress, TimeSpan at)
    {
        long acknowledged = progress.Acknowledged;
        var all = progress.Latency.Read();
        double perSecond = at > At ? (acknowledged - Acknowledged) / (at - At).TotalSeconds : 0;
        var recent = all.Since(All);
        return new LoadReading(
            at, acknowledged, perSecond, progress.Outstanding, progress.Unanswered, progress.LastFailure, progress.Behind, all, recent);
    }

    /// <summary>The reading as a line, for a log or a pipe.</summary>
    public string ToLine() => string.Create(
        CultureInfo.InvariantCulture,
        $"{At.TotalSeconds,7:f1} s  {Acknowledged} acknowledged  {PerSecond:f0}/s  {Outstanding} outstanding  {Unanswered} unanswered  ")
        + Percentiles(Recent) + (LastFailure is null ? "" : $"  last failure: {LastFailure}");

    /// <summary>What came of the whole load.</summary>
    public string ToSummary() => string.Create(
        CultureInfo.InvariantCulture,
        $"load: {Acknowledged} acknowledged in {At.TotalSeconds:f1} s, {MeanPerSecond:f0}/s, {Unanswered} unanswered, ") + Percentiles(All);

    public static string Text(Latencies latencies, double percent) => latencies.Count == 0 ? "-" : Text(latencies.Percentile(percent));

    public static string Text(TimeSpan latency) => latency.TotalMilliseconds switch
    {
        < 1 => string.Create(CultureInfo.InvariantCulture, $"{latency.TotalMicroseconds:f0} us"),
        < 1_000 => string.Create(CultureInfo.InvariantCulture, $"{latency.TotalMilliseconds:f1} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{latency.TotalSeconds:f2} s"),
    };

    private static string Percentiles(Latencies latencies)
    {
        return $"p50 {Text(50)}  p90 {Text(90)}  p99 {Text(99)}  p99.9 {Text(99.9)}  max {Text(100)}";

        string Text(double percent) => LoadReading.Text(latencies, percent);
    }
}
