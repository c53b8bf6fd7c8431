using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>Forgets replies that are older than the retention, in bounded batches in the background.</summary>
internal sealed partial class ReplyJanitor(IEventJournal journal, EntityHostOptions options, ReplyHorizon horizon, RecordedBirths births)
    : Actor<ReplyJanitor.IMessage>
{
    /// <summary>So many that it keeps up with what is recorded, and so few that a commit which waits behind a batch does not wait long.</summary>
    private const int BatchMax = 5000;
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

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
                long before = births.Reach((Context.Time.GetUtcNow() - options.ReplyRetention).ToUnixTimeMilliseconds());
                // First refused, then deleted: a shard that looks one of these up in vain asks the horizon again before it executes.
                horizon.Raise(before);
                Context.PipeToSelf(
                    StoreTask.From(() => journal.ForgetRepliesAsync(before, BatchMax, CancellationToken.None)),
                    static count => new Swept(count, null),
                    static e => new Swept(0, e));
                break;
            case Swept swept:
                if (swept.Error is not null) LogFailed(swept.Error);
                // At once, in the store's own order: behind the commits that have come meanwhile.
                if (swept.Count >= BatchMax) Self.Tell(Sweep.Instance);
                else Context.Timers.StartOnce(typeof(Sweep), Period, Sweep.Instance);
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
