using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorGrid.Persistence;

internal sealed partial class RetentionLane
{
    /// <summary>Set at the start: an actor has no context before.</summary>
    private ILogger _logger = NullLogger.Instance;

    [LoggerMessage(1, LogLevel.Warning, "Events of {Count} entities could not be removed; what stands below their snapshots is removed later")]
    private partial void LogFailed(int count, Exception error);
}
