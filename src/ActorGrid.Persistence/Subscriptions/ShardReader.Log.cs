using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorGrid.Persistence;

internal sealed partial class ShardReader
{
    /// <summary>Set at the start: an actor has no context before.</summary>
    private ILogger _logger = NullLogger.Instance;

    [LoggerMessage(1, LogLevel.Warning, "The subscription '{Name}' cannot go on in {Shard} with event {Offset}, attempt {Attempt}; it is tried again in {Pause}, and the events behind it wait")]
    private partial void LogFailed(string name, ShardId shard, long offset, int attempt, TimeSpan pause, Exception error);

    [LoggerMessage(3, LogLevel.Error, "Code of the subscription '{Name}' that hears of the end of its token has failed when {Shard} left")]
    private partial void LogCancelFailed(string name, ShardId shard, Exception error);

    [LoggerMessage(2, LogLevel.Information, "The subscription '{Name}' has left {Shard} after event {Done} without storing that; up to event {Given} may be given again: {Why}")]
    private partial void LogNotStored(string name, ShardId shard, long done, long given, string why);
}
