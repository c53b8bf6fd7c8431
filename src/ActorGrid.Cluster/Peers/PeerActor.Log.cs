using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorGrid.Cluster;

internal sealed partial class PeerActor
{
    /// <summary>Set at the start: an actor has no context before.</summary>
    private ILogger _logger = NullLogger.Instance;

    [LoggerMessage(1, LogLevel.Warning, "Node {Peer} has not said a word for long: its links are closed and dialled anew")]
    private partial void LogStale(string peer);

    [LoggerMessage(2, LogLevel.Error, "This node reaches itself at {Endpoint}: two nodes share one incarnation, or a member has this node's address")]
    private partial void LogLinkedToItself(string endpoint);

    [LoggerMessage(3, LogLevel.Warning, "Node {Peer} at {Endpoint} has sent what is no message of this version, and was disconnected: {Fault}")]
    private partial void LogMalformed(string peer, string endpoint, string fault);
}
