using ActorGrid.Persistence;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorGrid.Cluster;

internal sealed partial class StewardActor
{
    /// <summary>Set at the start: an actor has no context before.</summary>
    private ILogger _logger = NullLogger.Instance;

    [LoggerMessage(1, LogLevel.Debug, "{Shard} is served under the fence {Fence}, with {States} states of its last owner")]
    private partial void LogOpened(ShardId shard, Fence fence, int states);

    [LoggerMessage(2, LogLevel.Warning, "Fences could not be raised, {Failures} times in a row")]
    private partial void LogRaiseFailed(int failures, Exception error);

    // Nothing to worry about: it comes with a hand-off, and after a node has had the store to itself. An owner that has lost a shard says so.
    [LoggerMessage(3, LogLevel.Debug, "{Shard} has the fence {Current}, later than that of this node; the view is read to see who owns it")]
    private partial void LogContested(ShardId shard, Fence current);

    [LoggerMessage(4, LogLevel.Warning, "The view could not be read")]
    private partial void LogLookFailed(Exception error);

    [LoggerMessage(5, LogLevel.Warning, "The states of {Shard} that its last owner has sent are damaged; its journal is read instead")]
    private partial void LogStatesDamaged(ShardId shard, Exception error);

    [LoggerMessage(6, LogLevel.Error, "{Shard} has stopped on a defect, {Defects} times in a row; it is opened anew in {Delay}")]
    private partial void LogRest(ShardId shard, int defects, TimeSpan delay);
}
