namespace ActorGrid.Jobs;

/// <summary>How fast a count grows, over the last ten seconds or so.</summary>
internal sealed class RateMeter
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);
    private readonly Queue<(long Timestamp, long Units)> _samples = [];
    private (long Timestamp, long Units) _last;

    public void Add(TimeProvider time, long units)
    {
        _last = (time.GetTimestamp(), units);
        _samples.Enqueue(_last);
        while (_samples.Count > 2 && time.GetElapsedTime(_samples.Peek().Timestamp, _last.Timestamp) > Window) _samples.Dequeue();
    }

    /// <summary>Units per second; 0 if that is not known.</summary>
    public double PerSecond(TimeProvider time)
    {
        if (!_samples.TryPeek(out var first)) return 0;
        double seconds = time.GetElapsedTime(first.Timestamp, _last.Timestamp).TotalSeconds;
        return seconds > 0 ? Math.Max(0, (_last.Units - first.Units) / seconds) : 0;
    }
}
