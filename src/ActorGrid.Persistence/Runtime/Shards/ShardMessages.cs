using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>The shard told itself to do something, now or by a timer.</summary>
internal sealed record Tick(TickKind Kind, EntitySlot? Slot = null) : IShardMessage
{
    public static readonly Tick Flush = new(TickKind.Flush);
    public static readonly Tick FlushAgain = new(TickKind.FlushAgain);
    public static readonly Tick RaiseAgain = new(TickKind.RaiseAgain);
    public static readonly Tick ReloadTimers = new(TickKind.ReloadTimers);
    public static readonly Tick FireTimers = new(TickKind.FireTimers);
    public static readonly Tick WantAgain = new(TickKind.WantAgain);
    public static readonly Tick Sweep = new(TickKind.Sweep);
}

internal enum TickKind
{
    Flush,
    FlushAgain,
    RaiseAgain,
    ReadAgain,
    ReloadTimers,
    FireTimers,
    WantAgain,
    Sweep,
}

internal sealed record LookUpEnded(IEntityCall First, ReplyRecord? Reply, Exception? Error) : IShardMessage;

internal sealed record TimersRead(IReadOnlyList<TimerRecord> Page, Exception? Error, int Generation) : IShardMessage;

internal sealed record FenceRaised(FenceOutcome? Outcome, Exception? Error) : IShardMessage;

/// <summary>Finish what is in hand, then say so.</summary>
internal sealed record StopWhenIdle(TaskCompletionSource Done) : IShardMessage, IAsker
{
    /// <summary>The shard has stopped before: it has nothing in hand.</summary>
    public void Fail(Exception reason) => Done.TrySetResult();
}

/// <summary>Drop what is in hand, and tell the callers.</summary>
internal sealed class StopNow : IShardMessage
{
    public static readonly StopNow Instance = new();
}
