using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>Forgets replies that are older than the retention, in bounded batches in the background.</summary>
internal sealed partial class ReplyJanitor(IEventJournal journal, EntityHostOptions options, ReplyHorizon horizon) : Actor<ReplyJanitor.IMessage>
{
    private const int BatchMax = 1000;
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1), BetweenBatches = TimeSpan.FromMilliseconds(20);

    protected override ValueTask OnStartAsync()
    {
        _logger = Context.Logger;
        Context.Timers.StartOnce(typeof(Sweep), Period, Sweep.Instance);
        return default;
    }

    protected override ValueTask OnMessageAsync(IMessage message)
    {
        switch (message)
        {
            case Sweep:
                long before = (Context.Time.GetUtcNow() - options.ReplyRetention).ToUnixTimeMilliseconds();
                // First refused, then deleted: a shard that looks one of these up in vain asks the horizon again before it executes.
                horizon.Raise(before);
                Context.PipeToSelf(
                    StoreTask.From(() => journal.ForgetRepliesAsync(before, BatchMax, CancellationToken.None)),
                    static count => new Swept(count, null),
                    static e => new Swept(0, e));
                break;
            case Swept swept:
                if (swept.Error is not null) LogFailed(swept.Error);
                Context.Timers.StartOnce(typeof(Sweep), swept.Count >= BatchMax ? BetweenBatches : Period, Sweep.Instance);
                break;
        }
        return default;
    }

    internal interface IMessage;

    private sealed class Sweep : IMessage
    {
        public static readonly Sweep Instance = new();
    }

    private sealed record Swept(int Count, Exception? Error) : IMessage;
}

/// <summary>The time before which ids are refused, since their replies may be forgotten. It never moves back.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class ReplyHorizon
{
    private long _unixMs;

    public long UnixMs => Volatile.Read(ref _unixMs);

    public void Raise(long unixMs)
    {
        long seen = UnixMs;
        while (unixMs > seen)
        {
            long was = Interlocked.CompareExchange(ref _unixMs, unixMs, seen);
            if (was == seen) return;
            seen = was;
        }
    }
}
