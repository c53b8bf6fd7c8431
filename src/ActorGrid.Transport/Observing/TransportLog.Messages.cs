using ActorGrid.Cluster;
using Microsoft.Extensions.Logging;

namespace ActorGrid.Transport;

internal sealed partial class TransportLog
{
    private readonly ILogger _logger = logger;

    [LoggerMessage(1, LogLevel.Warning, "A connection from {Address} was refused ({Refusal}): {Why}. More of this kind from there is only counted for a minute")]
    private partial void LogRefused(string address, Refusal refusal, string why);

    [LoggerMessage(2, LogLevel.Warning, "No link to {Endpoint}: {Why}")]
    private partial void LogDialRefused(string endpoint, string why);

    [LoggerMessage(3, LogLevel.Warning, "Node {Peer} at {Address} was disconnected for what it sent on the {Lane} lane: {Why}")]
    private partial void LogMalformed(string peer, string address, Lane lane, string why);

    [LoggerMessage(4, LogLevel.Debug, "The link to {Peer} at {Address} has ended on the {Lane} lane: {Why}")]
    private partial void LogLinkEnded(string peer, string address, Lane lane, string why);

    [LoggerMessage(5, LogLevel.Error, "A defect in the transport, or in a receiver that must not throw")]
    private partial void LogDefect(Exception fault);

    [LoggerMessage(6, LogLevel.Error, "Connections cannot be accepted; this is tried again and again")]
    private partial void LogAcceptFailed(Exception fault);
}
