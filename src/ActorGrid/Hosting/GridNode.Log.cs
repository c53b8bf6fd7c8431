using ActorGrid.Persistence;
using Microsoft.Extensions.Logging;

namespace ActorGrid;

internal sealed partial class GridNode
{
    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "The grid '{Name}' serves {Shards} shards from {Store}; entity types: {EntityTypes}, job types: {JobTypes}")]
    private partial void LogStarted(string name, int shards, IGridStore store, int entityTypes, int jobTypes);

    [LoggerMessage(EventId = 2, Level = LogLevel.Critical, Message = "{Shard} has stopped on this node. Its entities cannot be asked here until the process starts anew")]
    private partial void LogShardLost(ShardId shard);

    [LoggerMessage(EventId = 3, Level = LogLevel.Error, Message = "A part of the grid did not stop cleanly")]
    private partial void LogStopFailed(Exception exception);

    [LoggerMessage(EventId = 4, Level = LogLevel.Information, Message = "Node {Node} takes part in the grid '{Name}', kept in {Store}; it is reached at {Endpoint}")]
    private partial void LogJoined(string node, string endpoint, string name, IGridStore store);
}
