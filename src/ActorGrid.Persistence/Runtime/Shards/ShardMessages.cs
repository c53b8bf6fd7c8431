using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>The shard told itself to do something, now or by a timer.</summary>
internal sealed record Tick(TickKind Kind, EntitySlot? Slot = null) : IShardMessage
{
    public static readonly Tick Flush = new(TickKind.Flush);
    public static readonly Tick FlushAgain = new(TickKind.FlushAgain);
    public static readonly Tick RaiseAgain = new(TickKind.RaiseAgain);
    public static readonly Tick LookUpAgain = new(TickKind.LookUpAgain);
    public static readonly Tick ReloadTimers = new(TickKind.ReloadTimers);
    public static readonly Tick FireTimers = new(TickKind.FireTimers);
    public static readonly Tick WantAgain = new(TickKind.WantAgain);
    public static readonly Tick Sweep = new(TickKind.Sweep);
    public static readonly Tick DropLate = new(TickKind.DropLate);
    public static readonly Tick RecoverActives = new(TickKind.RecoverActives);
    public static readonly Tick Export = new(TickKind.Export);
}

internal enum TickKind
{
    Flush,
    FlushAgain,
    RaiseAgain,
    ReadAgain,
    LookUpAgain,
    ReloadTimers,
    FireTimers,
    WantAgain,
    Sweep,
    DropLate,
    Export,
    RecoverActives,
}

internal sealed record LookUpEnded(IEntityCall First, ReplyLookUp Found, Exception? Error) : IShardMessage;

internal sealed record TimersRead(IReadOnlyList<TimerRecord> Page, Exception? Error, int Generation) : IShardMessage;

internal sealed record FenceRaised(FenceOutcome? Outcome, Exception? Error) : IShardMessage;

/// <summary>The fence is raised: serve.</summary>
internal sealed record OpenShard(FenceOutcome Raised, HandedOver? States) : IShardMessage;

/// <summary>Let calls in hand end and new ones wait, then give the states.</summary>
internal sealed record ReleaseShard(TaskCompletionSource<HandedOver?> Done) : IShardMessage, IAsker
{
    public void Fail(Exception reason) => Done.TrySetResult(null);
}

/// <summary>The move was cancelled: serve on.</summary>
internal sealed class ResumeShard : IShardMessage
{
    public static readonly ResumeShard Instance = new();
}

/// <summary>Drop what is in hand, tell the callers, and stop.</summary>
internal sealed record CloseShard(string Why, TaskCompletionSource Done) : IShardMessage, IAsker
{
    /// <summary>The shard has stopped before: it has nothing in hand.</summary>
    public void Fail(Exception reason) => Done.TrySetResult();
}

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
