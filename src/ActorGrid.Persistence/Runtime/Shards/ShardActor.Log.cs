using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorGrid.Persistence;

internal sealed partial class ShardActor
{
    /// <summary>Set at the start: an actor has no context before.</summary>
    private ILogger _logger = NullLogger.Instance;

    [LoggerMessage(1, LogLevel.Critical, "{Shard} met a defect and stops")]
    private partial void LogDefect(ShardId shard, Exception error);

    [LoggerMessage(2, LogLevel.Warning, "{Shard} is not served any more: {Why}")]
    private partial void LogLost(ShardId shard, string why);

    [LoggerMessage(3, LogLevel.Error, "The hook for durable states threw for {Entity}")]
    private partial void LogHookFailed(EntityId entity, Exception error);

    [LoggerMessage(4, LogLevel.Warning, "The store refused an append of {Shard}, {Failures} times in a row; others are not logged for a second: {Why}")]
    private partial void LogRefused(ShardId shard, int failures, string why);

    [LoggerMessage(5, LogLevel.Warning, "It is not known whether an append of {Shard} was committed; its fence is raised to find out")]
    private partial void LogUnknown(ShardId shard, Exception? error);

    [LoggerMessage(6, LogLevel.Warning, "The fence of {Shard} could not be raised, {Failures} times in a row")]
    private partial void LogRaiseFailed(ShardId shard, int failures, Exception error);

    [LoggerMessage(7, LogLevel.Error, "Quarantined")]
    private partial void LogQuarantined(QuarantinedException error);

    [LoggerMessage(8, LogLevel.Warning, "The history of {Entity} could not be read, {Failures} times in a row")]
    private partial void LogReadFailed(EntityId entity, int failures, Exception error);

    [LoggerMessage(16, LogLevel.Warning, "The key store did not give the key of {Entity}, {Failures} times in a row; others are not logged for a second")]
    private partial void LogKeyFailed(EntityId entity, int failures, Exception error);

    [LoggerMessage(15, LogLevel.Warning, "A command of {Entity} that came again could not be looked up, {Failures} times in a row")]
    private partial void LogLookUpFailed(EntityId entity, int failures, Exception error);

    [LoggerMessage(14, LogLevel.Debug, "{Shard} is closed: {Why}")]
    private partial void LogClosed(ShardId shard, string why);

    [LoggerMessage(13, LogLevel.Warning, "The state of {Entity} could not be handed over; its history is read instead")]
    private partial void LogStateDropped(EntityId entity, Exception error);

    [LoggerMessage(9, LogLevel.Warning, "The timers of {Shard} could not be read; they are read again")]
    private partial void LogTimersFailed(ShardId shard, Exception error);

    [LoggerMessage(10, LogLevel.Error, "{Entity} stays active, but its type is not registered")]
    private partial void LogNoType(EntityId entity);

    [LoggerMessage(11, LogLevel.Error, "The timer {Timer} of {Entity} carries the command '{Command}', which no registered handler takes; it stays set")]
    private partial void LogNoHandler(EntityId entity, string timer, string command);

    [LoggerMessage(17, LogLevel.Warning, "{Entity} is repaired by {By}: {Why}")]
    private partial void LogRepaired(EntityId entity, string by, string why);

    [LoggerMessage(12, LogLevel.Error, "The timer {Timer} of {Entity} failed; it stays set and is tried again")]
    private partial void LogTimerFailed(EntityId entity, string timer, Exception error);
}
