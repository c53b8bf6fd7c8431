using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorGrid.Persistence;

internal sealed partial class ReplyJanitor
{
    /// <summary>Set at the start: an actor has no context before.</summary>
    private ILogger _logger = NullLogger.Instance;

    [LoggerMessage(1, LogLevel.Warning, "Old replies could not be forgotten; they are tried again")]
    private partial void LogFailed(Exception error);
}
