using ActorGrid.Persistence;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorGrid.Cluster;

internal sealed partial class NodeActor
{
    /// <summary>Set at the start: an actor has no context before.</summary>
    private ILogger _logger = NullLogger.Instance;

    [LoggerMessage(1, LogLevel.Information, "Node {Node} begins as incarnation {Incarnation}, at view {Version}")]
    private partial void LogBegun(string node, Guid incarnation, long version);

    [LoggerMessage(2, LogLevel.Information, "Incarnation {Incarnation} of node {Node} is over: {Why}")]
    private partial void LogEnded(string node, Guid incarnation, string why);

    [LoggerMessage(3, LogLevel.Critical, "Node {Node} has failed too often and gives up; the other nodes take over from it")]
    private partial void LogGivenUp(string node, Exception? defect);

    [LoggerMessage(4, LogLevel.Warning, "The store cannot be reached; the node joins when it can")]
    private partial void LogOpenFailed(Exception error);

    [LoggerMessage(5, LogLevel.Information, "Node {Node} has written view {Version}: {Proposal}")]
    private partial void LogWritten(string node, long version, Proposal proposal);

    [LoggerMessage(6, LogLevel.Warning, "It is not known whether view {Version} was written; it is read again")]
    private partial void LogOutcomeUnknown(long version, Exception error);

    [LoggerMessage(7, LogLevel.Warning, "The view could not be read; it is tried again")]
    private partial void LogReadFailed(Exception error);

    [LoggerMessage(8, LogLevel.Warning, "The leases could not be read; nobody is judged meanwhile")]
    private partial void LogLeasesNotRead(Exception error);

    [LoggerMessage(9, LogLevel.Warning, "The lease of incarnation {Incarnation}, which is over, could not be ended; the others wait it out")]
    private partial void LogLeaseNotEnded(Guid incarnation, Exception error);

    [LoggerMessage(10, LogLevel.Error, "{Shard} has stopped on a defect again and again; it is opened at growing intervals")]
    private partial void LogShardDefect(ShardId shard, Exception reason);

    [LoggerMessage(12, LogLevel.Warning,
        "Node {Node} is not up yet: it reaches {Reachable} of {Others} other members, and a majority has to reach it. Check that they can dial its endpoint")]
    private partial void LogStillJoining(string node, int reachable, int others);

    [LoggerMessage(15, LogLevel.Warning,
        "Client {Node} reaches none of the {Others} nodes that the grid has; what it asks waits to its deadline. Check that nodes run on this store, and that it can dial their endpoints")]
    private partial void LogNobodyReached(string node, int others);

    [LoggerMessage(16, LogLevel.Warning, "What a death asks for could not be rehearsed; the first one will take some 40 ms longer")]
    private partial void LogRehearsalFailed(Exception error);

    [LoggerMessage(13, LogLevel.Error, "Node {Node} cannot join again: {Fault}")]
    private partial void LogJoinRefused(string node, string fault);

    [LoggerMessage(14, LogLevel.Error, "The allocation strategy has failed: no shard moves, and those without an owner get the one of the default strategy")]
    private partial void LogAllocationFailed(Exception error);

    [LoggerMessage(11, LogLevel.Warning, "Node {Peer} has given a view that cannot be read, and was disconnected: {Fault}")]
    private partial void LogMalformedView(string peer, string fault);
}
