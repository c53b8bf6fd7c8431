namespace ActorGrid.Actors;

/// <summary>Pauses that double from <see cref="First"/> up to <see cref="Max"/>, each shortened by a random part so that many do not come back at once.</summary>
public sealed record Backoff
{
    /// <summary>10 ms, doubling up to 10 s, up to a fifth shorter by chance.</summary>
    public static Backoff Default { get; } = new();

    /// <summary>No pause at all.</summary>
    public static Backoff None { get; } = new() { First = TimeSpan.Zero, Max = TimeSpan.Zero };

    /// <summary>The first pause. Default 10 ms; zero or more; zero means no pauses.</summary>
    public TimeSpan First
    {
        get;
        init => field = NotNegative(value, nameof(First));
    } = TimeSpan.FromMilliseconds(10);

    /// <summary>The longest pause. Default 10 s; zero or more.</summary>
    public TimeSpan Max
    {
        get;
        init => field = NotNegative(value, nameof(Max));
    } = TimeSpan.FromSeconds(10);

    /// <summary>The largest part of a pause that chance takes off. Default 0.2; 0 to 1.</summary>
    public double Jitter
    {
        get;
        init => field = value is >= 0 and <= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, $"{nameof(Jitter)} must be 0 to 1.");
    } = 0.2;

    /// <summary>The pause before attempt number <paramref name="attempt"/>.</summary>
    /// <param name="attempt">How many attempts went before it; 0 for the first.</param>
    /// <param name="random">Where the jitter comes from.</param>
    /// <returns>A pause of at most <see cref="Max"/>.</returns>
    public TimeSpan Delay(int attempt, Random random)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(attempt);
        double full = Math.Min(Max.Ticks, First.Ticks * Math.Pow(2, Math.Min(attempt, 62)));
        return full == 0 ? TimeSpan.Zero : TimeSpan.FromTicks((long)(full * (1 - (Jitter * random.NextDouble()))));
    }

    private static TimeSpan NotNegative(TimeSpan value, string name) =>
        value >= TimeSpan.Zero ? value : throw new ArgumentOutOfRangeException(nameof(value), value, $"{name} must not be negative.");
}
