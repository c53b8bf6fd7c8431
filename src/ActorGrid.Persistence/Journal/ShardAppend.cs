namespace ActorGrid.Persistence;

/// <summary>What the owner of a shard appends in one commit: events, and what goes with them.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="Fence">The writer's fence; the append is committed only while the shard's row holds exactly this one.</param>
/// <param name="ExpectedOffset">The last offset that the writer knows of; the append is committed only while it is the shard's
/// last.</param>
/// <param name="Events">Events, in order; they get the offsets from <paramref name="ExpectedOffset"/> + 1 on. May be empty: then the fence
/// is checked all the same.</param>
/// <param name="Replies">Replies to keep, of commands not recorded before.</param>
/// <param name="Timers">Changes to the index of timers, applied in order.</param>
/// <param name="Attachments">Changes to attachments, applied in order.</param>
public sealed record ShardAppend(
    ShardId Shard,
    Fence Fence,
    long ExpectedOffset,
    IReadOnlyList<JournalEvent> Events,
    IReadOnlyList<ReplyRecord> Replies,
    IReadOnlyList<TimerChange> Timers,
    IReadOnlyList<AttachmentChange> Attachments);

/// <summary>How an append ended.</summary>
public enum AppendStatus
{
    /// <summary>All of it is durable.</summary>
    Committed,

    /// <summary>None of it was or will be written: the shard has another fence or another last offset. The writer must stop.</summary>
    Fenced,

    /// <summary>None of it was or will be written: the store refused (disk full, busy, unreachable before the commit). See <see
    /// cref="AppendOutcome.Error"/>.</summary>
    Refused,

    /// <summary>It may have been written, or may yet be. Raise a new fence first, then look.</summary>
    Unknown,
}

/// <summary>How the append of a shard ended.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="Status">How it ended.</param>
/// <param name="Current">The fence that the shard has, for <see cref="AppendStatus.Fenced"/>.</param>
/// <param name="Error">The cause, for <see cref="AppendStatus.Refused"/> and <see cref="AppendStatus.Unknown"/>.</param>
public sealed record AppendOutcome(ShardId Shard, AppendStatus Status, Fence? Current = null, StoreException? Error = null);
