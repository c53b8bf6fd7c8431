namespace ActorGrid.Persistence;

/// <summary>The bounds and times of the entities of a node. Immutable.</summary>
public sealed record EntityHostOptions
{
    /// <summary>How long an ask waits if it does not say. Default 10 s; above 0, at most <see cref="AskTimeoutMax"/>.</summary>
    public TimeSpan AskTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest timeout that an ask may have. Default 5 minutes; at most half of <see cref="ReplyRetention"/>.</summary>
    public TimeSpan AskTimeoutMax { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a reply is kept for commands that are sent again. Default 10 minutes; at least twice
    /// <see cref="AskTimeoutMax"/>.</summary>
    public TimeSpan ReplyRetention { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Replies kept in memory, for the node. Older ones are looked up in the store. Default 1,000,000; from 1.</summary>
    public int RepliesInMemoryMax { get; init; } = 1_000_000;

    /// <summary>Entities kept in memory, for the node; beyond, those idle for longest leave. Default 1,000,000; from 1.</summary>
    public int EntitiesInMemoryMax { get; init; } = 1_000_000;

    /// <summary>Commands that a shard has in hand at once; more are refused with <see cref="Actors.OverloadedException"/>. Default 10,000; from
    /// 1.</summary>
    public int CommandsPerShardMax { get; init; } = 10_000;

    /// <summary>Rows in one append of the store; commands beyond wait for the next. Default 10,000; from 1. A single decision may have
    /// more.</summary>
    public int AppendRowsMax { get; init; } = 10_000;

    /// <summary>Bytes in one append of the store; commands beyond wait for the next. Default 8 MiB; from 1. A single decision may have
    /// more.</summary>
    public long AppendBytesMax { get; init; } = 8 << 20;

    /// <summary>Appends to the store at once, each over its share of the shards: what the store has writing connections for. Default 1; 1
    /// to 64.</summary>
    public int CommitLanes { get; init; } = 1;

    /// <summary>Reads of histories under way at once, for the node. Default 4; from 1.</summary>
    public int RecoveryReadsMax { get; init; } = 4;

    /// <summary>Events in one read of histories. Default 4,096; from 1.</summary>
    public int RecoveryEventsMax { get; init; } = 4096;

    /// <summary>Timers of a shard kept in memory; later ones are read when these have fired. Default 1,000; from 1.</summary>
    public int TimersInMemoryPerShardMax { get; init; } = 1000;

    /// <summary>The timeout of an ask.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
    internal TimeSpan CheckTimeout(AskOptions? options)
    {
        var timeout = options?.Timeout ?? AskTimeout;
        if (timeout > TimeSpan.Zero && timeout <= AskTimeoutMax) return timeout;
        throw new ArgumentOutOfRangeException(
            nameof(options), timeout, $"The timeout of an ask is above 0 and at most {nameof(AskTimeoutMax)} ({AskTimeoutMax}).");
    }

    internal void Check()
    {
        bool isTimeout = AskTimeout > TimeSpan.Zero && AskTimeout <= AskTimeoutMax;
        Check(isTimeout, nameof(AskTimeout), AskTimeout, $"above 0 and at most {nameof(AskTimeoutMax)} ({AskTimeoutMax})");
        Check(ReplyRetention >= AskTimeoutMax * 2, nameof(ReplyRetention), ReplyRetention, $"at least twice {nameof(AskTimeoutMax)} ({AskTimeoutMax})");
        Check(CommitLanes is >= 1 and <= 64, nameof(CommitLanes), CommitLanes, "1 to 64");
        CheckPositive(RepliesInMemoryMax, nameof(RepliesInMemoryMax));
        CheckPositive(EntitiesInMemoryMax, nameof(EntitiesInMemoryMax));
        CheckPositive(CommandsPerShardMax, nameof(CommandsPerShardMax));
        CheckPositive(AppendRowsMax, nameof(AppendRowsMax));
        CheckPositive(AppendBytesMax, nameof(AppendBytesMax));
        CheckPositive(RecoveryReadsMax, nameof(RecoveryReadsMax));
        CheckPositive(RecoveryEventsMax, nameof(RecoveryEventsMax));
        CheckPositive(TimersInMemoryPerShardMax, nameof(TimersInMemoryPerShardMax));
    }

    private static void CheckPositive(long value, string name) => Check(value >= 1, name, value, "1 or more");

    private static void Check(bool isGood, string name, object value, string range)
    {
        if (!isGood) throw new ArgumentException($"{name} is {value}: it must be {range}.", name);
    }
}
