using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>How a subscription or a projection works. Immutable.</summary>
public sealed record SubscriptionOptions
{
    /// <summary>
    /// Whether a name that is new begins with what is committed from now on, for each shard from when its owner first runs the subscription. Default false: it begins with the first event there ever was. It counts
    /// for nothing once the cursor of a shard is stored.
    /// </summary>
    public bool FromNow { get; init; }

    /// <summary>Of how many shards a node handles events at once, one event of each. Default 8; 1 to 1,000.</summary>
    public int ConcurrencyMax { get; init; } = 8;

    /// <summary>The pauses before an event that failed is given again. Default: from 100 ms on, doubling to 30 s, up to a fifth shorter by chance.</summary>
    public Backoff Retry { get; init; } = new() { First = TimeSpan.FromMilliseconds(100), Max = TimeSpan.FromSeconds(30) };

    internal void Check(string name)
    {
        if (ConcurrencyMax is < 1 or > 1000) throw new ArgumentException($"{nameof(ConcurrencyMax)} of '{name}' is {ConcurrencyMax}: it must be 1 to 1000.", name);
        if (Retry.First <= TimeSpan.Zero || Retry.Max < Retry.First)
            throw new ArgumentException($"{nameof(Retry)} of '{name}' goes from {Retry.First} to {Retry.Max}: it must begin above zero and not end below that.", name);
    }
}
