using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorGrid.Actors;

/// <summary>What an actor system is made from.</summary>
public sealed record ActorSystemOptions
{
    /// <summary>Names the threads and the log entries. Default "actorgrid".</summary>
    public string Name { get; init; } = "actorgrid";

    /// <summary>The clock, and the timers. Default: the machine's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where failures, dead letters and hooks that threw are logged. Default: nowhere.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    /// <summary>Where actors run. Default: a <see cref="WorkerDispatcher"/> with a worker for each processor, which the system disposes when it stops. One given here is
    /// disposed by whoever made it.</summary>
    public Dispatcher? Dispatcher { get; init; }

    /// <summary>Seeds the system's randomness. Default: null, a seed by chance.</summary>
    public int? Seed { get; init; }

    /// <summary>How the system decides for the failed actors at its top. Default: <see cref="SupervisionStrategy.Restarting"/>. A failure that is
    /// escalated from there stops the actor.</summary>
    public SupervisionStrategy Supervision { get; init; } = SupervisionStrategy.Restarting;

    /// <summary>How many asks and timers may be open; further asks of actors are refused with <see cref="OverloadedException"/>. A thousand or so for each thread that asks are let in beyond it.
    /// Asks of entities count and are not refused here, since they have bounds of their own. Default 1,000,000; 1 or more.</summary>
    public int OpenAsksMax
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, $"{nameof(OpenAsksMax)} must be 1 or more.");
    } = 1_000_000;

    /// <summary>How many dead letters are logged in a second; the rest are counted and summed up in the next entry. Failures of who subscribes to <see cref="ActorSystem.Events"/> have
    /// the same bound, and are counted apart. Default 10; zero or more.</summary>
    public int DeadLetterLogsPerSecond
    {
        get;
        init => field = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, $"{nameof(DeadLetterLogsPerSecond)} must not be negative.");
    } = 10;

    /// <summary>How many dead letters <see cref="DeadLetters.Recent"/> remembers. Default 100; 0 to 10,000.</summary>
    public int RecentDeadLettersMax
    {
        get;
        init => field = value is >= 0 and <= 10_000 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, $"{nameof(RecentDeadLettersMax)} must be 0 to 10,000.");
    } = 100;
}
