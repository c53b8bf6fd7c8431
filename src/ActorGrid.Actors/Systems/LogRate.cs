namespace ActorGrid.Actors;

/// <summary>So many entries of a kind in a second, so that a log is not flooded. Thread-safe.</summary>
internal sealed class LogRate(TimeProvider time, int perSecond)
{
    private readonly Lock _passing = new();
    private long _secondStart = time.GetTimestamp();
    private int _passed;
    private long _held;

    /// <summary>Whether one more may be logged.</summary>
    /// <param name="held">How many were not, since the last one that was.</param>
    public bool TryPass(out long held)
    {
        lock (_passing)
        {
            if (time.GetElapsedTime(_secondStart) >= TimeSpan.FromSeconds(1))
            {
                _secondStart = time.GetTimestamp();
                _passed = 0;
            }

            if (_passed >= perSecond)
            {
                _held++;
                held = 0;
                return false;
            }

            _passed++;
            held = _held;
            _held = 0;
            return true;
        }
    }
}
