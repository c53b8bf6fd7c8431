using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorGrid.Cluster;

internal sealed partial class LeaseActor
{
    /// <summary>Set at the start: an actor has no context before.</summary>
    private ILogger _logger = NullLogger.Instance;

    [LoggerMessage(1, LogLevel.Warning, "The lease could not be renewed; it is tried again, and reads are answered while it lasts")]
    private partial void LogFailed(Exception error);

    [LoggerMessage(2, LogLevel.Information, "The lease is renewed again, after {Failures} attempts in vain")]
    private partial void LogRecovered(int failures);
}
