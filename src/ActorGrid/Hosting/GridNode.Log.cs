using ActorGrid.Persistence;
using Microsoft.Extensions.Logging;

namespace ActorGrid;

internal sealed partial class GridNode
{
    [LoggerMessage(Level = LogLevel.Information, Message = "The grid '{Name}' serves {Shards} shards with {EntityTypes} entity types and {JobTypes} job types")]
    private partial void LogStarted(string name, int shards, int entityTypes, int jobTypes);

    [LoggerMessage(Level = LogLevel.Critical, Message = "{Shard} has stopped on this node. Its entities cannot be asked here until the process starts anew")]
    private partial void LogShardLost(ShardId shard);

    [LoggerMessage(Level = LogLevel.Error, Message = "A part of the grid did not stop cleanly")]
    private partial void LogStopFailed(Exception exception);
}
