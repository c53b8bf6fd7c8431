using Microsoft.Extensions.Logging;

namespace ActorGrid.Cluster;

internal sealed partial class ClusterServices
{
    [LoggerMessage(1, LogLevel.Error, "The handler of {Service} threw; what it was given is lost")]
    private partial void LogThrew(string service, Exception error);
}
